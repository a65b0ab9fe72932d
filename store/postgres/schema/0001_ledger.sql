-- Every table has the shape of the ledger's own: rows in the order of their keys. A key
-- begins with the area, so that what one batch touches lives in one shard, and so that
-- an area moves as one. Numbers in keys are big endian; values are deterministic CBOR,
-- sealed where they are about people. store/DESIGN.md says what each table has.
--
-- Statements are run one by one and can be run again.

create schema if not exists tenthcup;

-- Row 0 is what no area is: who locks it may change the setup. Whoever writes into an area
-- locks the area's row. Counts has how many rows some tables have.
create table if not exists tenthcup.area (
    area   integer not null primary key,
    name   text    not null,
    counts text    not null default '{}'
);

insert into tenthcup.area (area, name) values (0, '') on conflict (area) do nothing;

-- One row about the setup. Revision is how often it was changed. It stands beside the
-- setup and not in row 0, so that where the tables are distributed every batch can read
-- it without asking one node of all, and it is never newer than the setup beside it.
create table if not exists tenthcup.head (
    number   integer not null primary key default 0 check (number = 0),
    counts   text    not null default '{}',
    revision bigint  not null default 0
);

insert into tenthcup.head (number) values (0) on conflict (number) do nothing;

-- Stores, terminals, cashiers, programs, items: what is one for all areas.
create table if not exists tenthcup.setup (
    part  text  not null,
    key   bytea not null,
    value bytea not null,
    primary key (part, key)
);

-- The tables chain, latest, reached, switch and rollup, whose names their keys begin with:
-- nearly every batch reads and writes a row or two of each, so they are one here. There is
-- room on each page for rows that change again and again.
create table if not exists tenthcup.small (area integer not null, key bytea not null, value bytea not null, primary key (area, key)) with (fillfactor = 50);

-- What a holder has. Position is the holder's place in the feed, which is this index.
create table if not exists tenthcup.account (
    area     integer not null,
    key      bytea   not null,
    value    bytea   not null,
    position bytea,
    primary key (area, key)
);

create index if not exists account_feed on tenthcup.account (area, position);

create table if not exists tenthcup.profile    (area integer not null, key bytea not null, value bytea not null, primary key (area, key));
create table if not exists tenthcup.asked      (area integer not null, key bytea not null, value bytea not null, primary key (area, key));
create table if not exists tenthcup.quarantine (area integer not null, key bytea not null, value bytea not null, primary key (area, key));
create table if not exists tenthcup.code       (area integer not null, key bytea not null, value bytea not null, primary key (area, key));
create table if not exists tenthcup.lease      (area integer not null, key bytea not null, value bytea not null, primary key (area, key));
create table if not exists tenthcup.exception  (area integer not null, key bytea not null, value bytea not null, primary key (area, key));
create table if not exists tenthcup.open       (area integer not null, key bytea not null, value bytea not null, primary key (area, key));
create table if not exists tenthcup.once       (area integer not null, key bytea not null, value bytea not null, primary key (area, key));
create table if not exists tenthcup.written    (area integer not null, key bytea not null, value bytea not null, primary key (area, key));

-- What only grows is partitioned by the month of receipt, so that the pages and the index
-- that today's batches touch are those of this month. Month is the year times 100 plus the
-- month, in UTC. Holder is whose history the entry is in, which is the second index; it is
-- null for one that does not count, or moves nothing.
create table if not exists tenthcup.entry (
    area   integer not null,
    key    bytea   not null,
    value  bytea   not null,
    month  integer not null,
    holder bytea,
    primary key (area, key, month)
) partition by range (month);

create index if not exists entry_history on tenthcup.entry (area, holder, key);

-- Rows of a month that nobody made a partition for.
create table if not exists tenthcup.entry_other partition of tenthcup.entry default;
