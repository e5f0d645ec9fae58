"""The relations of the relation index: stars of documents that are the same, and links between others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, literal, or_, select

from output.base.relations import Relation, RelationKind
from output.relations.tables import clusters, documents, links, texts

# Relations other than `same` name so many of the documents with one text; the star names all.
NAMED_COPIES = 8

_a, _b = documents.alias("a"), documents.alias("b")


def relations(connection: Connection, run_id: str | None) -> Iterator[Relation]:
    """Yield all current relations, or those that a run added, or changed by changing a survivor."""
    for statement in (*_stars(run_id), *_links(run_id)):
        for part in connection.execute(statement, execution_options={"yield_per": 1000}).partitions():
            for a, b, relation, score, rule, run in part:
                yield Relation(
                    a, b, RelationKind(relation), score, rule, run_id if run_id is not None else run
                )


def _stars(run_id: str | None) -> Iterator[Select[Any]]:
    """Select a row for each member of a cluster but its survivor, with the link between the two texts.

    Two texts of a cluster without a link of their own are the same by way of others: their row has the best
    link of the member.
    """
    direct, best = links.alias("direct"), links.alias("best")
    of_member = and_(
        best.c.relation == RelationKind.SAME.value, or_(best.c.a == _b.c.text, best.c.b == _b.c.text)
    )
    best_score = select(func.max(best.c.score)).where(of_member).scalar_subquery()
    star = (
        select(
            _a.c.id,
            _b.c.id,
            literal(RelationKind.SAME.value),
            case((_a.c.text == _b.c.text, 1.0), else_=func.coalesce(direct.c.score, best_score)),
            case((_a.c.text == _b.c.text, "identical"), else_=func.coalesce(direct.c.rule, "chain")),
            case((clusters.c.run_id > _b.c.run_id, clusters.c.run_id), else_=_b.c.run_id),
        )
        .select_from(clusters)
        .join(_a, _a.c.id == clusters.c.survivor)
        .join(texts, texts.c.cluster == clusters.c.cluster)
        .join(_b, and_(_b.c.text == texts.c.number, _b.c.id != _a.c.id))
        .outerjoin(
            direct,
            and_(
                direct.c.relation == RelationKind.SAME.value,
                direct.c.a == case((_a.c.text < _b.c.text, _a.c.text), else_=_b.c.text),
                direct.c.b == case((_a.c.text < _b.c.text, _b.c.text), else_=_a.c.text),
            ),
        )
    )
    if run_id is None:
        yield star
    else:
        yield star.where(clusters.c.run_id == run_id)
        yield star.where(_b.c.run_id == run_id, clusters.c.run_id != run_id)


def _links(run_id: str | None) -> Iterator[Select[Any]]:
    """Select a row for each pair of documents with two linked texts, of the first NAMED_COPIES of each."""
    linked = (
        select(_a.c.id, _b.c.id, links.c.relation, links.c.score, links.c.rule, links.c.run_id)
        .select_from(links)
        .join(_a, _a.c.text == links.c.a)
        .join(_b, _b.c.text == links.c.b)
        .where(
            links.c.relation != RelationKind.SAME.value,
            _a.c.copy_number < NAMED_COPIES,
            _b.c.copy_number < NAMED_COPIES,
        )
    )
    if run_id is None:
        yield linked
    else:
        yield linked.where(links.c.run_id == run_id)
        yield linked.where(_a.c.run_id == run_id, links.c.run_id != run_id)
        yield linked.where(_b.c.run_id == run_id, links.c.run_id != run_id, _a.c.run_id != run_id)
