select found.position, found.key, found.value
from unnest($2::bytea[], $3::bytea[]) as wanted (first, behind)
cross join lateral (
    select position, key, value from {table}
    where area = $1 and position >= wanted.first and position < wanted.behind
    order by position limit $4
) as found
