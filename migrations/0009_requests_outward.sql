CREATE TABLE `action_request_machines` (
	`request_id` text NOT NULL,
	`machine_id` text NOT NULL,
	`position` integer NOT NULL,
	`options_json` text NOT NULL,
	`plan_mode` text,
	`plan_words_json` text,
	`planned_json` text,
	PRIMARY KEY(`request_id`, `machine_id`),
	FOREIGN KEY (`request_id`) REFERENCES `action_requests`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "action_request_machines_plan_mode_check" CHECK("plan_mode" in ('upgrade', 'dist_upgrade', 'selected', 'autoremove'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `action_request_machines_machine_id` ON `action_request_machines` (`machine_id`);--> statement-breakpoint
CREATE TABLE `outward_channels` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`config_json` text NOT NULL,
	`filter_json` text NOT NULL,
	`enc_secret` text,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`last_sent_at` text,
	`last_failed_at` text,
	`last_error_kind` text,
	`last_error_message` text,
	`last_error_data_json` text,
	CONSTRAINT "outward_channels_kind_check" CHECK("kind" in ('webhook', 'ntfy', 'email')),
	CONSTRAINT "outward_channels_enabled_check" CHECK("enabled" in (0, 1))
) STRICT;
--> statement-breakpoint
CREATE TABLE `outward_messages` (
	`id` text PRIMARY KEY NOT NULL,
	`channel_id` text NOT NULL,
	`status` text NOT NULL,
	`created_at` text NOT NULL,
	`expires_at` text NOT NULL,
	`content_json` text NOT NULL,
	`dedup_key` text NOT NULL,
	`job_id` text,
	`batch_id` text,
	`attempt` integer DEFAULT 0 NOT NULL,
	`not_before` text,
	`sent_at` text,
	FOREIGN KEY (`channel_id`) REFERENCES `outward_channels`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "outward_messages_status_check" CHECK("status" in ('waiting', 'sent', 'given_up'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `outward_messages_status_created_at` ON `outward_messages` (`status`,`created_at`);--> statement-breakpoint
CREATE INDEX `outward_messages_channel_id_status` ON `outward_messages` (`channel_id`,`status`);--> statement-breakpoint
CREATE INDEX `outward_messages_channel_id_dedup_key` ON `outward_messages` (`channel_id`,`dedup_key`);--> statement-breakpoint
CREATE INDEX `outward_messages_batch_id` ON `outward_messages` (`batch_id`);--> statement-breakpoint
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
	CONSTRAINT "notifications_kind_check" CHECK("kind" in ('run_ended', 'run_failed', 'bulk_ended', 'host_key', 'plan_changed', 'conffile', 'vault_locked', 'changed_by_others', 'request', 'outward_failed')),
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
ALTER TABLE `action_requests` ADD `binding` text;--> statement-breakpoint
ALTER TABLE `action_requests` ADD `note` text;--> statement-breakpoint
ALTER TABLE `action_requests` ADD `decided_at` text;--> statement-breakpoint
ALTER TABLE `action_requests` ADD `decided_by` text;--> statement-breakpoint
ALTER TABLE `action_requests` ADD `decision_note` text;--> statement-breakpoint
ALTER TABLE `action_requests` ADD `job_id` text;--> statement-breakpoint
ALTER TABLE `action_requests` ADD `bulk_run_id` text;--> statement-breakpoint
CREATE INDEX `action_requests_created_at` ON `action_requests` ("created_at" desc);--> statement-breakpoint
CREATE INDEX `action_requests_job_id` ON `action_requests` (`job_id`);--> statement-breakpoint
CREATE INDEX `action_requests_bulk_run_id` ON `action_requests` (`bulk_run_id`);