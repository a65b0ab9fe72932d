select found.key, found.value
from unnest($2::bytea[], $3::bytea[]) as wanted (first, behind)
cross join lateral (
    select key, value from {table}
    where {place} = $1 and key >= wanted.first and key < wanted.behind
    order by key limit $4
) as found
