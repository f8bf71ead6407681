create trigger changed after insert or update or delete on slack.slack_tokens
    for each row execute function kernel.notify_change('slack_tokens', 'team_id');
