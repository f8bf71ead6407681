-- What Discord was last told of the commands, so that it is told again only when they changed.
create table discord.registered_commands (
    application_id text primary key,
    commands_hash  text not null,
    registered_at  timestamptz not null
);
comment on column discord.registered_commands.commands_hash is 'SHA-256 of the list as it was sent, hexadecimal';
