-- Answers go before posts: what is pending is looked up by sender and priority, the first in time first.
alter table kernel.outbox add column priority smallint not null default 1 check (priority between 0 and 2);
comment on column kernel.outbox.priority is '0 answers and moderation, 1 the rest, 2 one of many at once, such as a post to every server';
create index outbox_lanes on kernel.outbox (sender, priority, next_try_at, id) where status = 'pending';
-- The index on the time alone is chosen for each lane and read past the rows of all others.
drop index kernel.outbox_due;
-- Nothing looks rows up by their community.
drop index kernel.outbox_community;
-- Ten thousand posts at once would look up and lock their communities one by one, which nothing ever deletes.
alter table kernel.outbox drop constraint outbox_community_id_fkey;
comment on column kernel.outbox.action is 'a message without a channel goes to the one that entity_id names';
