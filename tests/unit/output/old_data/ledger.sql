BEGIN TRANSACTION;
CREATE TABLE acceptances (
	run_id TEXT NOT NULL,
	accepted_at TEXT DEFAULT '' NOT NULL,
	accepted_by TEXT DEFAULT '' NOT NULL,
	reason TEXT DEFAULT '' NOT NULL,
	problems TEXT DEFAULT '' NOT NULL,
	PRIMARY KEY (run_id)
)
 WITHOUT ROWID

;
INSERT INTO "acceptances" VALUES('20261129T040000Z-gazette','2026-11-29T04:00:00.000000+00:00','bob','','["documents: 1, 2 expected"]');
CREATE TABLE archive_files (
	file TEXT NOT NULL,
	sha256 TEXT DEFAULT '' NOT NULL,
	size BIGINT NOT NULL,
	PRIMARY KEY (file)
)
 WITHOUT ROWID

;
INSERT INTO "archive_files" VALUES('gazette/20261129T040000Z-gazette-00001.warc.gz','6e370c30aa739a46e43ba3d3654f2b03f8e7ce1883ef9b322e0e1464c59cd1e8',2848);
CREATE TABLE documents (
	source_id TEXT NOT NULL,
	id TEXT NOT NULL,
	version TEXT DEFAULT '' NOT NULL,
	url TEXT DEFAULT '' NOT NULL,
	run_id TEXT DEFAULT '' NOT NULL,
	PRIMARY KEY (source_id, id)
)
 WITHOUT ROWID

;
INSERT INTO "documents" VALUES('gazette','doc-1','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','https://gazette.example/laws/1','20261129T040000Z-gazette');
CREATE TABLE leases (
	source_id TEXT NOT NULL,
	holder TEXT DEFAULT '' NOT NULL,
	since TEXT DEFAULT '' NOT NULL,
	seen_at TEXT DEFAULT '' NOT NULL,
	expires_at TEXT DEFAULT '' NOT NULL,
	PRIMARY KEY (source_id)
)
 WITHOUT ROWID

;
CREATE TABLE ledger (
	version INTEGER NOT NULL,
	PRIMARY KEY (version)
);
INSERT INTO "ledger" VALUES(3);
CREATE TABLE pages (
	source_id TEXT NOT NULL,
	url TEXT NOT NULL,
	kind TEXT DEFAULT '' NOT NULL,
	etag TEXT DEFAULT '' NOT NULL,
	last_modified TEXT DEFAULT '' NOT NULL,
	sha256 TEXT DEFAULT '' NOT NULL,
	file TEXT,
	"offset" BIGINT,
	length BIGINT,
	fetched_at TEXT DEFAULT '' NOT NULL,
	checked_at TEXT DEFAULT '' NOT NULL,
	settled BOOLEAN NOT NULL,
	ended TEXT DEFAULT '' NOT NULL,
	ended_run TEXT DEFAULT '' NOT NULL,
	PRIMARY KEY (source_id, url)
)
 WITHOUT ROWID

;
INSERT INTO "pages" VALUES('gazette','https://gazette.example/laws/','index','"1"','','cf2815e2b7cbe072d4513bf89d6e89bd73a4d04918132416f29cf275399da906','gazette/20261129T040000Z-gazette-00001.warc.gz',678,476,'2026-11-29T04:00:00.000000+00:00','2026-11-29T04:00:00.000000+00:00',1,'','');
INSERT INTO "pages" VALUES('gazette','https://gazette.example/laws/1','page','"1"','','ba33c19ea4faccab47e6651076fd1e9ce378a6bee03046451f4a6e6a7c11a66b','gazette/20261129T040000Z-gazette-00001.warc.gz',1525,478,'2026-11-29T04:00:00.000000+00:00','2026-11-29T04:00:00.000000+00:00',1,'','');
CREATE TABLE relation_about (
	only INTEGER NOT NULL,
	version INTEGER NOT NULL,
	survivor TEXT NOT NULL,
	PRIMARY KEY (only)
);
INSERT INTO "relation_about" VALUES(0,3,'whole official earliest');
CREATE TABLE relation_anchors (
	anchor INTEGER NOT NULL,
	text INTEGER NOT NULL,
	PRIMARY KEY (anchor, text)
)
 WITHOUT ROWID

;
CREATE TABLE relation_clusters (
	cluster INTEGER NOT NULL,
	survivor TEXT NOT NULL,
	run_id TEXT NOT NULL,
	PRIMARY KEY (cluster)
);
INSERT INTO "relation_clusters" VALUES(0,'doc-1','20261129T040000Z-gazette');
CREATE TABLE relation_counter (
	only INTEGER NOT NULL,
	next BIGINT NOT NULL,
	settled BIGINT NOT NULL,
	outdated BIGINT NOT NULL,
	PRIMARY KEY (only)
);
INSERT INTO "relation_counter" VALUES(0,2,0,0);
CREATE TABLE relation_documents (
	id TEXT NOT NULL,
	version TEXT NOT NULL,
	text BIGINT NOT NULL,
	twin BIGINT NOT NULL,
	rank TEXT NOT NULL,
	run_id TEXT NOT NULL,
	PRIMARY KEY (id)
)
 WITHOUT ROWID

;
INSERT INTO "relation_documents" VALUES('doc-1','358b2ea5c0189b3ab2d024514731f6637777b6fcfb6ec850e623aba1232b7c15 6280d982c8049f8b',0,0,'019999','20261129T040000Z-gazette');
INSERT INTO "relation_documents" VALUES('doc-2','358b2ea5c0189b3ab2d024514731f6637777b6fcfb6ec850e623aba1232b7c15 6280d982c8049f8b',0,1,'019999','20261129T040000Z-gazette');
CREATE TABLE relation_filter (
	page INTEGER NOT NULL,
	bits BLOB NOT NULL,
	PRIMARY KEY (page)
);
CREATE TABLE relation_links (
	a INTEGER NOT NULL,
	b INTEGER NOT NULL,
	relation TEXT NOT NULL,
	score FLOAT NOT NULL,
	rule TEXT NOT NULL,
	run_id TEXT NOT NULL,
	PRIMARY KEY (a, b)
)
 WITHOUT ROWID

;
CREATE TABLE relation_segments (
	segment INTEGER NOT NULL,
	anchors BLOB NOT NULL,
	texts BLOB NOT NULL,
	PRIMARY KEY (segment)
);
INSERT INTO "relation_segments" VALUES(2,X'AA96BBD50E0D000055454C8E7F3800009D8D954A72AD00000A74F629EED20000',X'0000000000000000000000000000000000000000000000000000000000000000');
CREATE TABLE relation_texts (
	number INTEGER NOT NULL,
	fingerprint BIGINT NOT NULL,
	cluster BIGINT NOT NULL,
	facts TEXT NOT NULL,
	body BLOB NOT NULL,
	PRIMARY KEY (number)
);
INSERT INTO "relation_texts" VALUES(0,2217989834222096222,0,'{}',X'28B52FFD6056026D04006287181B70897340FC920C9E2215224BDF01A94E935A37C95213ACF4778105C852044952C83A96A2503A144A0043F37985648D719835EF289E13DFD60175577DC2CD737E150D4F3323FE839D634D9D7817CC5564DC3C2F16F3B57D98DF083690EF16DC1C0410000050040C4B800AB86F021401C312A00D3092003D70B304680346A41B5004C6DA403AA36C9E01');
CREATE TABLE runs (
	run_id TEXT NOT NULL,
	source_id TEXT DEFAULT '' NOT NULL,
	status TEXT DEFAULT '' NOT NULL,
	started_at TEXT DEFAULT '' NOT NULL,
	finished_at TEXT,
	report_json TEXT DEFAULT '' NOT NULL,
	PRIMARY KEY (run_id)
);
INSERT INTO "runs" VALUES('20261129T040000Z-gazette','gazette','published','2026-11-29T04:00:00.000000+00:00','2026-11-29T04:00:00.000000+00:00','{"run_id": "20261129T040000Z-gazette", "source_id": "gazette", "status": "published", "started_at": "2026-11-29T04:00:00+00:00", "finished_at": "2026-11-29T04:00:00+00:00", "scheduled": 4, "fetched": 3, "fetched_bytes": 0, "documents": 1, "new": 1, "changed": 0, "outcomes": [["published", 1], ["gone", 1]], "removals": [], "access": [], "relations": [], "messages": [], "schema_version": 1, "profile_fit": 0.9}');
CREATE TABLE tombstones (
	url TEXT NOT NULL,
	forgotten_at TEXT DEFAULT '' NOT NULL,
	forgotten_by TEXT DEFAULT '' NOT NULL,
	reason TEXT DEFAULT '' NOT NULL,
	PRIMARY KEY (url)
)
 WITHOUT ROWID

;
INSERT INTO "tombstones" VALUES('https://gazette.example/laws/9','2026-11-29T04:00:00.000000+00:00','ann','asked');
CREATE TABLE visits (
	run_id TEXT NOT NULL,
	url TEXT NOT NULL,
	kind TEXT DEFAULT '' NOT NULL,
	depth INTEGER NOT NULL,
	discovered_from TEXT DEFAULT '' NOT NULL,
	hint TEXT DEFAULT '' NOT NULL,
	outcome TEXT DEFAULT '' NOT NULL,
	reason TEXT DEFAULT '' NOT NULL,
	detail TEXT DEFAULT '' NOT NULL,
	status INTEGER,
	file TEXT,
	"offset" BIGINT,
	length BIGINT,
	record TEXT DEFAULT '' NOT NULL,
	sha256 TEXT DEFAULT '' NOT NULL,
	body_bytes BIGINT DEFAULT 0 NOT NULL,
	fetched_at TEXT,
	PRIMARY KEY (run_id, url)
)
 WITHOUT ROWID

;
INSERT INTO "visits" VALUES('20261129T040000Z-gazette','https://gazette.example/laws/','index',0,'','','index','','',200,'gazette/20261129T040000Z-gazette-00001.warc.gz',678,476,'response','cf2815e2b7cbe072d4513bf89d6e89bd73a4d04918132416f29cf275399da906',10,'2026-11-29T04:00:00.000000+00:00');
INSERT INTO "visits" VALUES('20261129T040000Z-gazette','https://gazette.example/laws/1','page',1,'https://gazette.example/laws/','{"title":"Law 1"}','published','','',200,'gazette/20261129T040000Z-gazette-00001.warc.gz',1525,478,'response','ba33c19ea4faccab47e6651076fd1e9ce378a6bee03046451f4a6e6a7c11a66b',14,'2026-11-29T04:00:00.000000+00:00');
INSERT INTO "visits" VALUES('20261129T040000Z-gazette','https://gazette.example/laws/2','page',1,'https://gazette.example/laws/','','gone','404','',404,'gazette/20261129T040000Z-gazette-00001.warc.gz',2375,473,'response','e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',0,'2026-11-29T04:00:00.000000+00:00');
INSERT INTO "visits" VALUES('20261129T040000Z-gazette','https://gazette.example/laws/3','page',1,'https://gazette.example/laws/','','refused','robots','',NULL,NULL,NULL,NULL,'','',0,NULL);
CREATE INDEX runs_of_source ON runs (source_id, started_at);
CREATE INDEX visits_in_file ON visits (file, "offset");
CREATE INDEX documents_of_url ON documents (source_id, url);
CREATE INDEX ix_relation_texts_fingerprint ON relation_texts (fingerprint);
CREATE INDEX ix_relation_texts_cluster ON relation_texts (cluster);
CREATE INDEX relation_documents_of_text ON relation_documents (text, twin);
CREATE INDEX ix_relation_documents_run_id ON relation_documents (run_id);
CREATE INDEX relation_links_back ON relation_links (b);
CREATE INDEX ix_relation_links_run_id ON relation_links (run_id);
CREATE INDEX ix_relation_clusters_run_id ON relation_clusters (run_id);
COMMIT;
