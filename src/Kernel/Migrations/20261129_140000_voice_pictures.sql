-- Who is in voice is told when a session begins and not when it is resumed, like the rest of the picture.
alter table discord.guild_pictures add column voice jsonb not null default '[]';
comment on column discord.guild_pictures.voice is 'who is in a voice channel: user_id, user_name, channel, since';
