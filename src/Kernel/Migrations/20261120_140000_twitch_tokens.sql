-- A login, a renewal or a withdrawal on one node is heard of on the others.
create trigger changed after insert or delete or update of access_token, scope on twitch.twitch_tokens
    for each row execute function kernel.notify_change('twitch_tokens', 'user_id');
