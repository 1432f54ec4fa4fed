CREATE TABLE `machine_metrics_history` (
	`machine_id` text NOT NULL,
	`collected_at` text NOT NULL,
	`cpu_load1` real,
	`memory_used_percent` real,
	`root_used_percent` real,
	PRIMARY KEY(`machine_id`, `collected_at`),
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE TABLE `__new_bulk_runs` (
	`id` text PRIMARY KEY NOT NULL,
	`action` text NOT NULL,
	`status` text NOT NULL,
	`on_failure` text NOT NULL,
	`concurrency` integer NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`finished_at` text,
	`cancel_requested_at` text,
	`report_id` text,
	CONSTRAINT "bulk_runs_action_check" CHECK("action" in ('apt_update_analyze', 'apt_upgrade', 'apt_full_upgrade', 'apt_dist_upgrade', 'apt_autoremove', 'apt_clean', 'apt_repair', 'reboot', 'reboot_verified', 'docker_scan', 'docker_inspect_current', 'docker_pull_check', 'docker_compose_apply', 'docker_prune_images', 'docker_compose_down', 'machine_probe', 'post_install')),
	CONSTRAINT "bulk_runs_status_check" CHECK("status" in ('running', 'ok', 'warning', 'error', 'stopped', 'cancelled')),
	CONSTRAINT "bulk_runs_on_failure_check" CHECK("on_failure" in ('stop', 'continue'))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_bulk_runs`("id", "action", "status", "on_failure", "concurrency", "created_at", "updated_at", "finished_at", "cancel_requested_at", "report_id") SELECT "id", "action", "status", "on_failure", "concurrency", "created_at", "updated_at", "finished_at", "cancel_requested_at", "report_id" FROM `bulk_runs`;--> statement-breakpoint
DROP TABLE `bulk_runs`;--> statement-breakpoint
ALTER TABLE `__new_bulk_runs` RENAME TO `bulk_runs`;--> statement-breakpoint
CREATE INDEX `bulk_runs_created_at` ON `bulk_runs` ("created_at" desc);--> statement-breakpoint
CREATE INDEX `bulk_runs_status` ON `bulk_runs` (`status`);--> statement-breakpoint
ALTER TABLE `machine_state` ADD `hardware_warnings_json` text;