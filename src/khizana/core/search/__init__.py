"""Search: what is indexed of a manuscript, the language of queries, and results as values that explain themselves."""
