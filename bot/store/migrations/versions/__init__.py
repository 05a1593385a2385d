"""The revisions. One that was ever released is never edited; they do not import the tables of today."""
