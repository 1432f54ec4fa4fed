CREATE TABLE `message_matters` (
	`acknowledged` integer NOT NULL,
	`dedup_key` text NOT NULL,
	`category` text NOT NULL,
	`machine_count` integer NOT NULL,
	`first_seen_at` text NOT NULL,
	`last_seen_at` text NOT NULL,
	PRIMARY KEY(`acknowledged`, `dedup_key`),
	CONSTRAINT "message_matters_acknowledged_check" CHECK("acknowledged" in (0, 1)),
	CONSTRAINT "message_matters_category_check" CHECK("category" in ('error', 'warning', 'future_major_change', 'deprecation', 'security_notice', 'repository_notice'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `message_matters_acknowledged_last_seen_at` ON `message_matters` (`acknowledged`,"last_seen_at" desc,`dedup_key`);--> statement-breakpoint
CREATE INDEX `message_matters_acknowledged_category_last_seen_at` ON `message_matters` (`acknowledged`,`category`,"last_seen_at" desc,`dedup_key`);--> statement-breakpoint
CREATE INDEX `important_messages_matter_first_seen_at` ON `important_messages` (`acknowledged`,`dedup_key`,`first_seen_at`,`machine_id`);--> statement-breakpoint
CREATE INDEX `important_messages_matter_last_seen_at` ON `important_messages` (`acknowledged`,`dedup_key`,`last_seen_at`,`machine_id`);--> statement-breakpoint
-- Below is written by hand: what keeps message_matters equal to a recount, whoever writes, cascades included.
INSERT INTO message_matters (acknowledged, dedup_key, category, machine_count, first_seen_at, last_seen_at)
SELECT acknowledged, dedup_key, min(category), count(*), min(first_seen_at), max(last_seen_at)
FROM important_messages WHERE machine_id IN (SELECT id FROM machines WHERE deleted_at IS NULL)
GROUP BY acknowledged, dedup_key;
--> statement-breakpoint
CREATE TRIGGER message_matters_told AFTER INSERT ON important_messages
WHEN EXISTS (SELECT 1 FROM machines WHERE id = new.machine_id AND deleted_at IS NULL)
BEGIN
	INSERT INTO message_matters (acknowledged, dedup_key, category, machine_count, first_seen_at, last_seen_at)
	VALUES (new.acknowledged, new.dedup_key, new.category, 1, new.first_seen_at, new.last_seen_at)
	ON CONFLICT (acknowledged, dedup_key) DO UPDATE SET machine_count = machine_count + 1,
		first_seen_at = min(first_seen_at, excluded.first_seen_at), last_seen_at = max(last_seen_at, excluded.last_seen_at);
END;
--> statement-breakpoint
CREATE TRIGGER message_matters_gone AFTER DELETE ON important_messages
WHEN EXISTS (SELECT 1 FROM machines WHERE id = old.machine_id AND deleted_at IS NULL)
BEGIN
	UPDATE message_matters SET machine_count = machine_count - 1,
		first_seen_at = coalesce((SELECT i.first_seen_at FROM important_messages i JOIN machines m ON m.id = i.machine_id
			WHERE i.acknowledged = old.acknowledged AND i.dedup_key = old.dedup_key AND m.deleted_at IS NULL
			ORDER BY i.first_seen_at LIMIT 1), first_seen_at),
		last_seen_at = coalesce((SELECT i.last_seen_at FROM important_messages i JOIN machines m ON m.id = i.machine_id
			WHERE i.acknowledged = old.acknowledged AND i.dedup_key = old.dedup_key AND m.deleted_at IS NULL
			ORDER BY i.last_seen_at DESC LIMIT 1), last_seen_at)
	WHERE acknowledged = old.acknowledged AND dedup_key = old.dedup_key;
	DELETE FROM message_matters WHERE acknowledged = old.acknowledged AND dedup_key = old.dedup_key AND machine_count <= 0;
END;
--> statement-breakpoint
-- Seen again, acknowledged or reopened: it leaves where it stood and comes to where it stands now.
CREATE TRIGGER message_matters_changed
AFTER UPDATE OF machine_id, category, dedup_key, acknowledged, first_seen_at, last_seen_at ON important_messages
WHEN EXISTS (SELECT 1 FROM machines WHERE id = new.machine_id AND deleted_at IS NULL)
BEGIN
	UPDATE message_matters SET machine_count = machine_count - 1,
		first_seen_at = coalesce((SELECT i.first_seen_at FROM important_messages i JOIN machines m ON m.id = i.machine_id
			WHERE i.acknowledged = old.acknowledged AND i.dedup_key = old.dedup_key AND m.deleted_at IS NULL
			ORDER BY i.first_seen_at LIMIT 1), first_seen_at),
		last_seen_at = coalesce((SELECT i.last_seen_at FROM important_messages i JOIN machines m ON m.id = i.machine_id
			WHERE i.acknowledged = old.acknowledged AND i.dedup_key = old.dedup_key AND m.deleted_at IS NULL
			ORDER BY i.last_seen_at DESC LIMIT 1), last_seen_at)
	WHERE acknowledged = old.acknowledged AND dedup_key = old.dedup_key;
	DELETE FROM message_matters WHERE acknowledged = old.acknowledged AND dedup_key = old.dedup_key AND machine_count <= 0;
	INSERT INTO message_matters (acknowledged, dedup_key, category, machine_count, first_seen_at, last_seen_at)
	VALUES (new.acknowledged, new.dedup_key, new.category, 1, new.first_seen_at, new.last_seen_at)
	ON CONFLICT (acknowledged, dedup_key) DO UPDATE SET machine_count = machine_count + 1,
		first_seen_at = min(first_seen_at, excluded.first_seen_at), last_seen_at = max(last_seen_at, excluded.last_seen_at);
END;
--> statement-breakpoint
CREATE TRIGGER message_matters_machine_removed AFTER UPDATE OF deleted_at ON machines
WHEN old.deleted_at IS NULL AND new.deleted_at IS NOT NULL
BEGIN
	UPDATE message_matters SET machine_count = machine_count - 1,
		first_seen_at = coalesce((SELECT i.first_seen_at FROM important_messages i JOIN machines m ON m.id = i.machine_id
			WHERE i.acknowledged = message_matters.acknowledged AND i.dedup_key = message_matters.dedup_key AND m.deleted_at IS NULL
			ORDER BY i.first_seen_at LIMIT 1), first_seen_at),
		last_seen_at = coalesce((SELECT i.last_seen_at FROM important_messages i JOIN machines m ON m.id = i.machine_id
			WHERE i.acknowledged = message_matters.acknowledged AND i.dedup_key = message_matters.dedup_key AND m.deleted_at IS NULL
			ORDER BY i.last_seen_at DESC LIMIT 1), last_seen_at)
	WHERE (acknowledged, dedup_key) IN (SELECT acknowledged, dedup_key FROM important_messages WHERE machine_id = new.id);
	DELETE FROM message_matters WHERE machine_count <= 0;
END;
--> statement-breakpoint
CREATE TRIGGER message_matters_machine_restored AFTER UPDATE OF deleted_at ON machines
WHEN old.deleted_at IS NOT NULL AND new.deleted_at IS NULL
BEGIN
	INSERT INTO message_matters (acknowledged, dedup_key, category, machine_count, first_seen_at, last_seen_at)
	SELECT acknowledged, dedup_key, category, 1, first_seen_at, last_seen_at
	FROM important_messages WHERE machine_id = new.id
	ON CONFLICT (acknowledged, dedup_key) DO UPDATE SET machine_count = machine_count + 1,
		first_seen_at = min(first_seen_at, excluded.first_seen_at), last_seen_at = max(last_seen_at, excluded.last_seen_at);
END;
--> statement-breakpoint
-- Before, not by the cascade: then nobody could say any more whether the machine counted.
CREATE TRIGGER message_matters_machine_purged BEFORE DELETE ON machines
BEGIN
	DELETE FROM important_messages WHERE machine_id = old.id;
END;
