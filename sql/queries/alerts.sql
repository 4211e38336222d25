-- name: AddAlertReceiver :exec
-- One that is new begins with what happens from now on.
INSERT INTO alert_receivers (receiver, told, told_at)
SELECT @receiver, coalesce(max(id), 0), @at FROM events
ON CONFLICT (receiver) DO NOTHING;

-- name: AlertReceiverTold :one
SELECT told FROM alert_receivers WHERE receiver = @receiver;

-- name: TellAlertReceiver :execrows
UPDATE alert_receivers SET told = @up_to, told_at = @at WHERE receiver = @receiver AND told = @before;
