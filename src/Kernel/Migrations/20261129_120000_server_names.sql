-- What a server is called and how it looks, as its platform tells and changes it.
alter table kernel.servers
    add column name text,
    add column icon text;
comment on column kernel.servers.icon is 'as the platform names the picture: Discord by a hash';
