select found.key, found.value
from unnest($2::bytea[]) as wanted (key)
cross join lateral (
    select key, value from {table} where {place} = $1 and key = wanted.key limit 1
) as found
