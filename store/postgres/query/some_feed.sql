select found.position, found.key
from unnest($2::bytea[]) as wanted (position)
cross join lateral (
    select position, key from {table} where area = $1 and position = wanted.position limit 1
) as found
