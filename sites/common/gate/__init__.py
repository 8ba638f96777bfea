"""The publish gate: nothing goes live in a site unless its column's rules let it pass, whatever the road.

`pending` collects what becomes live or changes while live, and empties itself before the commit; `examining` judges;
`passes` writes what the database asks for at the commit (sql/gate.sql); `rechecking` finds what went around.
"""
