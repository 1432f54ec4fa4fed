CREATE TABLE `fleet_updates` (
	`dedup_key` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`current_version` text,
	`target_version` text,
	`origin` text,
	`operation` text NOT NULL,
	`machine_count` integer NOT NULL,
	`security_count` integer NOT NULL,
	CONSTRAINT "fleet_updates_operation_check" CHECK("operation" in ('upgrade', 'install', 'remove', 'hold'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `fleet_updates_machine_count` ON `fleet_updates` ("machine_count" desc,"security_count" desc,`dedup_key`,`name`);--> statement-breakpoint
CREATE INDEX `fleet_updates_security_count` ON `fleet_updates` ("security_count" desc,`dedup_key`,`name`);--> statement-breakpoint
ALTER TABLE `machine_state` ADD `apt_attention_json` text;--> statement-breakpoint
-- Below is written by hand: what keeps fleet_updates equal to a recount, whoever writes, cascades included.
INSERT INTO fleet_updates (dedup_key, name, current_version, target_version, origin, operation, machine_count, security_count)
SELECT dedup_key, min(name), min(current_version), min(target_version), min(origin), min(operation),
	count(DISTINCT machine_id), count(DISTINCT CASE WHEN security = 1 THEN machine_id END)
FROM apt_planned_packages
WHERE mode = 'dist_upgrade' AND machine_id IN (SELECT id FROM machines WHERE deleted_at IS NULL)
GROUP BY dedup_key;
--> statement-breakpoint
-- A machine counts once however many rows of it have the key: the same update of two architectures is one update.
CREATE TRIGGER fleet_updates_planned_in AFTER INSERT ON apt_planned_packages
WHEN new.mode = 'dist_upgrade' AND EXISTS (SELECT 1 FROM machines WHERE id = new.machine_id AND deleted_at IS NULL)
BEGIN
	INSERT INTO fleet_updates (dedup_key, name, current_version, target_version, origin, operation, machine_count, security_count)
	VALUES (new.dedup_key, new.name, new.current_version, new.target_version, new.origin, new.operation, 0, 0)
	ON CONFLICT (dedup_key) DO NOTHING;
	UPDATE fleet_updates SET
		machine_count = machine_count + NOT EXISTS (
			SELECT 1 FROM apt_planned_packages p WHERE p.mode = 'dist_upgrade' AND p.dedup_key = new.dedup_key
				AND p.machine_id = new.machine_id AND p.rowid <> new.rowid),
		security_count = security_count + (new.security = 1 AND NOT EXISTS (
			SELECT 1 FROM apt_planned_packages p WHERE p.mode = 'dist_upgrade' AND p.dedup_key = new.dedup_key
				AND p.machine_id = new.machine_id AND p.security = 1 AND p.rowid <> new.rowid))
	WHERE dedup_key = new.dedup_key;
END;
--> statement-breakpoint
CREATE TRIGGER fleet_updates_planned_out AFTER DELETE ON apt_planned_packages
WHEN old.mode = 'dist_upgrade' AND EXISTS (SELECT 1 FROM machines WHERE id = old.machine_id AND deleted_at IS NULL)
BEGIN
	UPDATE fleet_updates SET
		machine_count = machine_count - NOT EXISTS (
			SELECT 1 FROM apt_planned_packages p WHERE p.mode = 'dist_upgrade' AND p.dedup_key = old.dedup_key
				AND p.machine_id = old.machine_id),
		security_count = security_count - (old.security = 1 AND NOT EXISTS (
			SELECT 1 FROM apt_planned_packages p WHERE p.mode = 'dist_upgrade' AND p.dedup_key = old.dedup_key
				AND p.machine_id = old.machine_id AND p.security = 1))
	WHERE dedup_key = old.dedup_key;
	DELETE FROM fleet_updates WHERE dedup_key = old.dedup_key AND machine_count <= 0;
END;
--> statement-breakpoint
-- Plans are replaced, never changed: a change would be counted by nobody.
CREATE TRIGGER fleet_updates_planned_kept BEFORE UPDATE OF mode, machine_id, dedup_key, security ON apt_planned_packages
BEGIN
	SELECT raise(ABORT, 'planned packages are replaced, never changed');
END;
--> statement-breakpoint
CREATE TRIGGER fleet_updates_machine_removed AFTER UPDATE OF deleted_at ON machines
WHEN old.deleted_at IS NULL AND new.deleted_at IS NOT NULL
BEGIN
	UPDATE fleet_updates SET
		machine_count = machine_count - 1,
		security_count = security_count - EXISTS (
			SELECT 1 FROM apt_planned_packages p WHERE p.mode = 'dist_upgrade' AND p.dedup_key = fleet_updates.dedup_key
				AND p.machine_id = new.id AND p.security = 1)
	WHERE dedup_key IN (SELECT dedup_key FROM apt_planned_packages WHERE machine_id = new.id AND mode = 'dist_upgrade');
	DELETE FROM fleet_updates WHERE machine_count <= 0;
END;
--> statement-breakpoint
CREATE TRIGGER fleet_updates_machine_restored AFTER UPDATE OF deleted_at ON machines
WHEN old.deleted_at IS NOT NULL AND new.deleted_at IS NULL
BEGIN
	INSERT INTO fleet_updates (dedup_key, name, current_version, target_version, origin, operation, machine_count, security_count)
	SELECT dedup_key, min(name), min(current_version), min(target_version), min(origin), min(operation), 1, max(security)
	FROM apt_planned_packages WHERE machine_id = new.id AND mode = 'dist_upgrade' GROUP BY dedup_key
	ON CONFLICT (dedup_key) DO UPDATE SET
		machine_count = machine_count + 1, security_count = security_count + excluded.security_count;
END;
--> statement-breakpoint
-- Before, not by the cascade: then nobody could say any more whether the machine counted.
CREATE TRIGGER fleet_updates_machine_purged BEFORE DELETE ON machines
BEGIN
	DELETE FROM apt_planned_packages WHERE machine_id = old.id;
END;
