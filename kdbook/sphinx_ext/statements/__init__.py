"""The book's statements: their list, tables and a picture of what rests on what.

``listed`` reads ``statements.yml``, ``layout`` places a graph in layers, ``drawing`` draws it, ``directives`` puts
tables, picture and list into a page, ``inventory`` lists statements for other projects.
"""
