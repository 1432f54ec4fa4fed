CREATE TABLE `__new_action_requests` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text,
	`requested_by_type` text NOT NULL,
	`requested_by_id` text,
	`action` text NOT NULL,
	`risk` text,
	`status` text NOT NULL,
	`summary` text,
	`payload_json` text,
	`created_at` text NOT NULL,
	`approved_at` text,
	`approved_by` text,
	`execution_id` text,
	`expires_at` text,
	`binding` text,
	`note` text,
	`decided_at` text,
	`decided_by` text,
	`decision_note` text,
	`job_id` text,
	`bulk_run_id` text,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "action_requests_requested_by_type_check" CHECK("requested_by_type" in ('user', 'hermes', 'schedule')),
	CONSTRAINT "action_requests_risk_check" CHECK("risk" in ('read', 'change', 'destructive')),
	CONSTRAINT "action_requests_status_check" CHECK("status" in ('pending', 'approved', 'rejected', 'executed', 'expired', 'withdrawn'))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_action_requests`("id", "machine_id", "requested_by_type", "requested_by_id", "action", "risk", "status", "summary", "payload_json", "created_at", "approved_at", "approved_by", "execution_id", "expires_at", "binding", "note", "decided_at", "decided_by", "decision_note", "job_id", "bulk_run_id") SELECT "id", "machine_id", "requested_by_type", "requested_by_id", "action", "risk", "status", "summary", "payload_json", "created_at", "approved_at", "approved_by", "execution_id", "expires_at", "binding", "note", "decided_at", "decided_by", "decision_note", "job_id", "bulk_run_id" FROM `action_requests`;--> statement-breakpoint
DROP TABLE `action_requests`;--> statement-breakpoint
ALTER TABLE `__new_action_requests` RENAME TO `action_requests`;--> statement-breakpoint
CREATE INDEX `action_requests_status_created_at` ON `action_requests` (`status`,`created_at`);--> statement-breakpoint
CREATE INDEX `action_requests_created_at` ON `action_requests` ("created_at" desc);--> statement-breakpoint
CREATE INDEX `action_requests_machine_id` ON `action_requests` (`machine_id`);--> statement-breakpoint
CREATE INDEX `action_requests_job_id` ON `action_requests` (`job_id`);--> statement-breakpoint
CREATE INDEX `action_requests_bulk_run_id` ON `action_requests` (`bulk_run_id`);--> statement-breakpoint
CREATE TABLE `__new_schedule_run_machines` (
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
	CONSTRAINT "schedule_run_machines_state_check" CHECK("state" in ('waiting', 'active', 'held', 'armed', 'ok', 'warning', 'error', 'left')),
	CONSTRAINT "schedule_run_machines_left_reason_check" CHECK("left_reason" in ('window', 'failure', 'cancelled', 'rejected', 'undecided', 'missed', 'not_run', 'expired'))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_schedule_run_machines`("run_id", "machine_id", "position", "wave", "state", "left_reason", "step") SELECT "run_id", "machine_id", "position", "wave", "state", "left_reason", "step" FROM `schedule_run_machines`;--> statement-breakpoint
DROP TABLE `schedule_run_machines`;--> statement-breakpoint
ALTER TABLE `__new_schedule_run_machines` RENAME TO `schedule_run_machines`;--> statement-breakpoint
CREATE INDEX `schedule_run_machines_machine_id` ON `schedule_run_machines` (`machine_id`);--> statement-breakpoint
CREATE TABLE `__new_schedule_run_steps` (
	`run_id` text NOT NULL,
	`machine_id` text NOT NULL,
	`step` integer NOT NULL,
	`state` text NOT NULL,
	`job_id` text,
	`request_id` text,
	`error_kind` text,
	`error_message` text,
	`error_data_json` text,
	PRIMARY KEY(`run_id`, `machine_id`, `step`),
	FOREIGN KEY (`run_id`) REFERENCES `schedule_runs`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "schedule_run_steps_state_check" CHECK("state" in ('job', 'not_needed', 'refused', 'asked'))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_schedule_run_steps`("run_id", "machine_id", "step", "state", "job_id", "error_kind", "error_message", "error_data_json") SELECT "run_id", "machine_id", "step", "state", "job_id", "error_kind", "error_message", "error_data_json" FROM `schedule_run_steps`;--> statement-breakpoint
DROP TABLE `schedule_run_steps`;--> statement-breakpoint
ALTER TABLE `__new_schedule_run_steps` RENAME TO `schedule_run_steps`;--> statement-breakpoint
CREATE INDEX `schedule_run_steps_machine_id` ON `schedule_run_steps` (`machine_id`);--> statement-breakpoint
CREATE TABLE `__new_schedule_runs` (
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
	`report_id` text,
	`report_due` integer DEFAULT false NOT NULL,
	FOREIGN KEY (`schedule_id`) REFERENCES `schedules`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "schedule_runs_trigger_check" CHECK("trigger" in ('due', 'catch_up', 'manual')),
	CONSTRAINT "schedule_runs_status_check" CHECK("status" in ('asking', 'running', 'ok', 'warning', 'error', 'stopped', 'cancelled', 'skipped')),
	CONSTRAINT "schedule_runs_skip_reason_check" CHECK("skip_reason" in ('missed', 'overlap', 'no_machines', 'dismissed', 'superseded', 'view_gone')),
	CONSTRAINT "schedule_runs_report_due_check" CHECK("report_due" in (0, 1))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_schedule_runs`("id", "schedule_id", "due_at", "trigger", "status", "skip_reason", "missed", "missed_since", "plan_json", "window_ends_at", "created_at", "updated_at", "started_at", "finished_at", "cancel_requested_at") SELECT "id", "schedule_id", "due_at", "trigger", "status", "skip_reason", "missed", "missed_since", "plan_json", "window_ends_at", "created_at", "updated_at", "started_at", "finished_at", "cancel_requested_at" FROM `schedule_runs`;--> statement-breakpoint
DROP TABLE `schedule_runs`;--> statement-breakpoint
ALTER TABLE `__new_schedule_runs` RENAME TO `schedule_runs`;--> statement-breakpoint
CREATE UNIQUE INDEX `schedule_runs_schedule_id_due_at` ON `schedule_runs` (`schedule_id`,`due_at`);--> statement-breakpoint
CREATE INDEX `schedule_runs_status` ON `schedule_runs` (`status`);--> statement-breakpoint
CREATE INDEX `schedule_runs_report_due` ON `schedule_runs` (`finished_at`) WHERE "report_due" = 1;--> statement-breakpoint
CREATE TABLE `__new_apt_plans` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text NOT NULL,
	`mode` text NOT NULL,
	`plan_hash` text NOT NULL,
	`words_json` text NOT NULL,
	`planned_json` text NOT NULL,
	`selection` text,
	`created_at` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "apt_plans_mode_check" CHECK("mode" in ('upgrade', 'dist_upgrade', 'selected', 'autoremove')),
	CONSTRAINT "apt_plans_selection_check" CHECK("selection" in ('upgrade_security', 'dist_upgrade_security'))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_apt_plans`("id", "machine_id", "mode", "plan_hash", "words_json", "planned_json", "created_at") SELECT "id", "machine_id", "mode", "plan_hash", "words_json", "planned_json", "created_at" FROM `apt_plans`;--> statement-breakpoint
DROP TABLE `apt_plans`;--> statement-breakpoint
ALTER TABLE `__new_apt_plans` RENAME TO `apt_plans`;--> statement-breakpoint
CREATE INDEX `apt_plans_machine_id_plan_hash` ON `apt_plans` (`machine_id`,`plan_hash`);--> statement-breakpoint
ALTER TABLE `armed_runs` ADD `asks` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `armed_runs` ADD `ask_at` text;--> statement-breakpoint
CREATE INDEX `armed_runs_ask_at` ON `armed_runs` (`ask_at`) WHERE "ask_at" is not null;--> statement-breakpoint
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
	`asks_approval` integer DEFAULT false NOT NULL,
	`approval_hours` integer DEFAULT 24 NOT NULL,
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
	CONSTRAINT "schedules_asks_approval_check" CHECK("asks_approval" in (0, 1)),
	CONSTRAINT "schedules_catch_up_check" CHECK("catch_up" in ('skip', 'run_once', 'ask'))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_schedules`("id", "name", "enabled", "cron", "timezone", "scope_json", "actions_json", "concurrency", "wave_json", "on_failure", "window_minutes", "conffiles", "allow_removals", "catch_up", "notify_on_json", "last_run_at", "next_run_at", "created_at", "updated_at", "deleted_at") SELECT "id", "name", "enabled", "cron", "timezone", "scope_json", "actions_json", "concurrency", "wave_json", "on_failure", "window_minutes", "conffiles", "allow_removals", "catch_up", "notify_on_json", "last_run_at", "next_run_at", "created_at", "updated_at", "deleted_at" FROM `schedules`;--> statement-breakpoint
DROP TABLE `schedules`;--> statement-breakpoint
ALTER TABLE `__new_schedules` RENAME TO `schedules`;--> statement-breakpoint
CREATE INDEX `schedules_enabled_next_run_at` ON `schedules` (`enabled`,`next_run_at`);--> statement-breakpoint
-- Below is written by hand: what is armed already is asked about when its moment comes, what is not confirmed at once.
UPDATE armed_runs SET ask_at = CASE status WHEN 'armed' THEN due_at ELSE updated_at END
WHERE status IN ('arming', 'armed', 'revoking');
