select wanted.key, ''::bytea
from unnest($2::bytea[]) as wanted (key)
cross join lateral (
    select 1 from {table} where area = $1 and holder = substr(wanted.key, 1, 16) and key = substr(wanted.key, 17) limit 1
) as found
