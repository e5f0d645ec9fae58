"""Rules of the web that crawling and cleaning share, such as what makes two URLs one. Internal."""
