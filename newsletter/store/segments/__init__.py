"""`tags has "pro" and language in ["de", "en"]` -> who is meant: read and checked, then turned into SQL.

`reading` needs no database, so that the configuration can be checked without one; `meaning` gives the SQL.
"""
