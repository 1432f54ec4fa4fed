CREATE TABLE `armed_runs` (
	`id` text PRIMARY KEY NOT NULL,
	`schedule_id` text NOT NULL,
	`machine_id` text NOT NULL,
	`action` text NOT NULL,
	`status` text NOT NULL,
	`not_run_reason` text,
	`due_at` text NOT NULL,
	`expires_at` text NOT NULL,
	`plan_hash` text,
	`begin_json` text NOT NULL,
	`packages` integer NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`asked_at` text,
	`settled_at` text,
	FOREIGN KEY (`schedule_id`) REFERENCES `schedules`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "armed_runs_action_check" CHECK("action" in ('apt_update_analyze', 'apt_upgrade', 'apt_full_upgrade', 'apt_dist_upgrade', 'apt_autoremove', 'apt_clean', 'apt_repair', 'reboot', 'reboot_verified', 'docker_scan', 'docker_inspect_current', 'docker_pull_check', 'docker_compose_apply', 'docker_prune_images', 'docker_compose_down', 'machine_probe', 'post_install')),
	CONSTRAINT "armed_runs_status_check" CHECK("status" in ('arming', 'armed', 'revoking', 'revoked', 'taken_up', 'not_run', 'expired')),
	CONSTRAINT "armed_runs_not_run_reason_check" CHECK("not_run_reason" in ('rebooted', 'timer_gone', 'removed'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `armed_runs_machine_id_status` ON `armed_runs` (`machine_id`,`status`);--> statement-breakpoint
CREATE INDEX `armed_runs_schedule_id_created_at` ON `armed_runs` (`schedule_id`,"created_at" desc);--> statement-breakpoint
CREATE INDEX `armed_runs_status` ON `armed_runs` (`status`);--> statement-breakpoint
CREATE UNIQUE INDEX `armed_runs_live` ON `armed_runs` (`schedule_id`,`machine_id`,`due_at`) WHERE "status" in ('arming', 'armed', 'revoking', 'taken_up');--> statement-breakpoint
CREATE TABLE `schedule_run_machines` (
	`run_id` text NOT NULL,
	`machine_id` text NOT NULL,
	`position` integer NOT NULL,
	`wave` integer NOT NULL,
	`state` text NOT NULL,
	`left_reason` text,
	`step` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`run_id`, `machine_id`),
	FOREIGN KEY (`run_id`) REFERENCES `schedule_runs`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "schedule_run_machines_state_check" CHECK("state" in ('waiting', 'active', 'armed', 'ok', 'warning', 'error', 'left')),
	CONSTRAINT "schedule_run_machines_left_reason_check" CHECK("left_reason" in ('window', 'failure', 'cancelled', 'missed', 'not_run', 'expired'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `schedule_run_machines_machine_id` ON `schedule_run_machines` (`machine_id`);--> statement-breakpoint
CREATE TABLE `schedule_run_steps` (
	`run_id` text NOT NULL,
	`machine_id` text NOT NULL,
	`step` integer NOT NULL,
	`state` text NOT NULL,
	`job_id` text,
	`error_kind` text,
	`error_message` text,
	`error_data_json` text,
	PRIMARY KEY(`run_id`, `machine_id`, `step`),
	FOREIGN KEY (`run_id`) REFERENCES `schedule_runs`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "schedule_run_steps_state_check" CHECK("state" in ('job', 'not_needed', 'refused'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `schedule_run_steps_machine_id` ON `schedule_run_steps` (`machine_id`);--> statement-breakpoint
CREATE TABLE `schedule_runs` (
	`id` text PRIMARY KEY NOT NULL,
	`schedule_id` text NOT NULL,
	`due_at` text NOT NULL,
	`trigger` text NOT NULL,
	`status` text NOT NULL,
	`skip_reason` text,
	`missed` integer DEFAULT 0 NOT NULL,
	`missed_since` text,
	`plan_json` text NOT NULL,
	`window_ends_at` text,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`started_at` text,
	`finished_at` text,
	`cancel_requested_at` text,
	FOREIGN KEY (`schedule_id`) REFERENCES `schedules`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "schedule_runs_trigger_check" CHECK("trigger" in ('due', 'catch_up', 'manual')),
	CONSTRAINT "schedule_runs_status_check" CHECK("status" in ('asking', 'running', 'ok', 'warning', 'error', 'stopped', 'cancelled', 'skipped')),
	CONSTRAINT "schedule_runs_skip_reason_check" CHECK("skip_reason" in ('missed', 'overlap', 'no_machines', 'dismissed', 'superseded'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `schedule_runs_schedule_id_due_at` ON `schedule_runs` (`schedule_id`,`due_at`);--> statement-breakpoint
CREATE INDEX `schedule_runs_status` ON `schedule_runs` (`status`);--> statement-breakpoint
CREATE TABLE `__new_schedules` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`cron` text NOT NULL,
	`timezone` text NOT NULL,
	`scope_json` text NOT NULL,
	`actions_json` text NOT NULL,
	`concurrency` integer DEFAULT 1 NOT NULL,
	`wave_json` text DEFAULT '"all"' NOT NULL,
	`on_failure` text DEFAULT 'stop' NOT NULL,
	`window_minutes` integer,
	`conffiles` text DEFAULT 'keep' NOT NULL,
	`allow_removals` integer DEFAULT false NOT NULL,
	`catch_up` text DEFAULT 'skip' NOT NULL,
	`notify_on_json` text,
	`last_run_at` text,
	`next_run_at` text,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`deleted_at` text,
	CONSTRAINT "schedules_enabled_check" CHECK("enabled" in (0, 1)),
	CONSTRAINT "schedules_on_failure_check" CHECK("on_failure" in ('stop', 'continue')),
	CONSTRAINT "schedules_conffiles_check" CHECK("conffiles" in ('keep', 'take_new', 'stop_before')),
	CONSTRAINT "schedules_allow_removals_check" CHECK("allow_removals" in (0, 1)),
	CONSTRAINT "schedules_catch_up_check" CHECK("catch_up" in ('skip', 'run_once', 'ask'))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_schedules`("id", "name", "enabled", "cron", "timezone", "scope_json", "actions_json", "concurrency", "catch_up", "notify_on_json", "last_run_at", "next_run_at", "created_at", "updated_at") SELECT "id", "name", "enabled", "cron", "timezone", "scope_json", "actions_json", "concurrency", "catch_up", "notify_on_json", "last_run_at", "next_run_at", "created_at", "updated_at" FROM `schedules`;--> statement-breakpoint
DROP TABLE `schedules`;--> statement-breakpoint
ALTER TABLE `__new_schedules` RENAME TO `schedules`;--> statement-breakpoint
CREATE INDEX `schedules_enabled_next_run_at` ON `schedules` (`enabled`,`next_run_at`);--> statement-breakpoint
CREATE TABLE `__new_notifications` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`severity` text NOT NULL,
	`created_at` text NOT NULL,
	`last_at` text NOT NULL,
	`occurrences` integer DEFAULT 1 NOT NULL,
	`machine_id` text,
	`execution_id` text,
	`job_id` text,
	`bulk_run_id` text,
	`dedup_key` text NOT NULL,
	`data_json` text,
	`read_at` text,
	`resolved_at` text,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "notifications_kind_check" CHECK("kind" in ('run_ended', 'run_failed', 'bulk_ended', 'host_key', 'plan_changed', 'conffile', 'vault_locked', 'changed_by_others', 'request', 'outward_failed', 'schedule_ended', 'schedule_asks')),
	CONSTRAINT "notifications_severity_check" CHECK("severity" in ('info', 'warning', 'error'))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_notifications`("id", "kind", "severity", "created_at", "last_at", "occurrences", "machine_id", "execution_id", "job_id", "bulk_run_id", "dedup_key", "data_json", "read_at", "resolved_at") SELECT "id", "kind", "severity", "created_at", "last_at", "occurrences", "machine_id", "execution_id", "job_id", "bulk_run_id", "dedup_key", "data_json", "read_at", "resolved_at" FROM `notifications`;--> statement-breakpoint
DROP TABLE `notifications`;--> statement-breakpoint
ALTER TABLE `__new_notifications` RENAME TO `notifications`;--> statement-breakpoint
CREATE INDEX `notifications_last_at` ON `notifications` ("last_at" desc);--> statement-breakpoint
CREATE INDEX `notifications_read_at_last_at` ON `notifications` (`read_at`,"last_at" desc);--> statement-breakpoint
CREATE INDEX `notifications_dedup_key` ON `notifications` (`dedup_key`);--> statement-breakpoint
CREATE INDEX `notifications_machine_id` ON `notifications` (`machine_id`);--> statement-breakpoint
CREATE INDEX `notifications_job_id` ON `notifications` (`job_id`);--> statement-breakpoint
CREATE INDEX `notifications_execution_id` ON `notifications` (`execution_id`);--> statement-breakpoint
CREATE INDEX `jobs_schedule_id_created_at` ON `jobs` (`schedule_id`,"created_at" desc) WHERE "schedule_id" is not null;