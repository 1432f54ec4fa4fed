CREATE TABLE `api_clients` (
	`id` text PRIMARY KEY NOT NULL,
	`label` text NOT NULL,
	`client_kind` text NOT NULL,
	`token_hash` text NOT NULL,
	`scopes_json` text NOT NULL,
	`status` text NOT NULL,
	`created_at` text NOT NULL,
	`last_seen_at` text,
	`expires_at` text,
	`revoked_at` text,
	`metadata_json` text,
	CONSTRAINT "api_clients_client_kind_check" CHECK("client_kind" in ('webapp', 'rust_gnome_app', 'script', 'mcp', 'other')),
	CONSTRAINT "api_clients_status_check" CHECK("status" in ('active', 'revoked', 'expired'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `api_clients_status_client_kind` ON `api_clients` (`status`,`client_kind`);--> statement-breakpoint
CREATE UNIQUE INDEX `api_clients_token_hash` ON `api_clients` (`token_hash`);--> statement-breakpoint
CREATE TABLE `hermes_runs` (
	`id` text PRIMARY KEY NOT NULL,
	`session_id` text,
	`prompt_kind` text,
	`status` text,
	`started_at` text NOT NULL,
	`finished_at` text,
	`request_json` text,
	`response_json` text,
	`report_id` text,
	FOREIGN KEY (`session_id`) REFERENCES `hermes_sessions`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "hermes_runs_status_check" CHECK("status" in ('running', 'ok', 'error', 'cancelled'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `hermes_runs_session_id_started_at` ON `hermes_runs` (`session_id`,"started_at" desc);--> statement-breakpoint
CREATE TABLE `hermes_sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`source` text NOT NULL,
	`session_key` text,
	`created_at` text NOT NULL,
	`last_message_at` text,
	`status` text,
	CONSTRAINT "hermes_sessions_status_check" CHECK("status" in ('active', 'closed'))
) STRICT;
--> statement-breakpoint
CREATE TABLE `hermes_usage` (
	`id` text PRIMARY KEY NOT NULL,
	`run_id` text,
	`provider` text,
	`model` text,
	`prompt_tokens` integer,
	`cached_tokens` integer,
	`completion_tokens` integer,
	`total_tokens` integer,
	`raw_bytes` integer,
	`reduced_bytes` integer,
	`reduction_ratio` real,
	`created_at` text NOT NULL,
	FOREIGN KEY (`run_id`) REFERENCES `hermes_runs`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE INDEX `hermes_usage_run_id` ON `hermes_usage` (`run_id`);--> statement-breakpoint
CREATE TABLE `mcp_audit_log` (
	`id` text PRIMARY KEY NOT NULL,
	`server_name` text NOT NULL,
	`tool_name` text NOT NULL,
	`actor` text,
	`request_json` text,
	`response_summary_json` text,
	`status` text,
	`created_at` text NOT NULL,
	CONSTRAINT "mcp_audit_log_status_check" CHECK("status" in ('ok', 'error', 'denied'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `mcp_audit_log_created_at` ON `mcp_audit_log` ("created_at" desc);--> statement-breakpoint
CREATE TABLE `apt_applied_packages` (
	`id` text PRIMARY KEY NOT NULL,
	`execution_id` text NOT NULL,
	`machine_id` text NOT NULL,
	`name` text NOT NULL,
	`arch` text,
	`from_version` text,
	`to_version` text,
	`operation` text NOT NULL,
	`origin` text,
	`dedup_key` text,
	FOREIGN KEY (`execution_id`) REFERENCES `executions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "apt_applied_packages_operation_check" CHECK("operation" in ('upgraded', 'installed', 'removed', 'unchanged'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `apt_applied_packages_dedup_key` ON `apt_applied_packages` (`dedup_key`);--> statement-breakpoint
CREATE INDEX `apt_applied_packages_execution_id` ON `apt_applied_packages` (`execution_id`);--> statement-breakpoint
CREATE INDEX `apt_applied_packages_machine_id` ON `apt_applied_packages` (`machine_id`);--> statement-breakpoint
CREATE TABLE `apt_errors` (
	`id` text PRIMARY KEY NOT NULL,
	`snapshot_id` text,
	`execution_id` text,
	`machine_id` text NOT NULL,
	`kind` text NOT NULL,
	`severity` text NOT NULL,
	`message` text NOT NULL,
	`important_lines_json` text,
	`remediation` text,
	`created_at` text NOT NULL,
	FOREIGN KEY (`snapshot_id`) REFERENCES `snapshots`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`execution_id`) REFERENCES `executions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "apt_errors_severity_check" CHECK("severity" in ('info', 'warning', 'error'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `apt_errors_snapshot_id` ON `apt_errors` (`snapshot_id`);--> statement-breakpoint
CREATE INDEX `apt_errors_execution_id` ON `apt_errors` (`execution_id`);--> statement-breakpoint
CREATE INDEX `apt_errors_machine_id` ON `apt_errors` (`machine_id`);--> statement-breakpoint
CREATE TABLE `apt_planned_packages` (
	`id` text PRIMARY KEY NOT NULL,
	`snapshot_id` text NOT NULL,
	`machine_id` text NOT NULL,
	`mode` text NOT NULL,
	`name` text NOT NULL,
	`arch` text,
	`current_version` text,
	`target_version` text,
	`origin` text,
	`operation` text NOT NULL,
	`security` integer DEFAULT false NOT NULL,
	`dedup_key` text NOT NULL,
	FOREIGN KEY (`snapshot_id`) REFERENCES `snapshots`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "apt_planned_packages_mode_check" CHECK("mode" in ('upgrade', 'dist_upgrade', 'selected', 'autoremove')),
	CONSTRAINT "apt_planned_packages_operation_check" CHECK("operation" in ('upgrade', 'install', 'remove', 'hold')),
	CONSTRAINT "apt_planned_packages_security_check" CHECK("security" in (0, 1))
) STRICT;
--> statement-breakpoint
CREATE INDEX `apt_planned_packages_dedup_key` ON `apt_planned_packages` (`dedup_key`);--> statement-breakpoint
CREATE INDEX `apt_planned_packages_mode_dedup_key` ON `apt_planned_packages` (`mode`,`dedup_key`,`machine_id`,`security`,`operation`,`name`);--> statement-breakpoint
CREATE INDEX `apt_planned_packages_machine_id_name` ON `apt_planned_packages` (`machine_id`,`name`);--> statement-breakpoint
CREATE INDEX `apt_planned_packages_snapshot_id` ON `apt_planned_packages` (`snapshot_id`);--> statement-breakpoint
CREATE TABLE `apt_plans` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text NOT NULL,
	`mode` text NOT NULL,
	`plan_hash` text NOT NULL,
	`words_json` text NOT NULL,
	`planned_json` text NOT NULL,
	`created_at` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "apt_plans_mode_check" CHECK("mode" in ('upgrade', 'dist_upgrade', 'selected', 'autoremove'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `apt_plans_machine_id_plan_hash` ON `apt_plans` (`machine_id`,`plan_hash`);--> statement-breakpoint
CREATE TABLE `bulk_run_machines` (
	`bulk_run_id` text NOT NULL,
	`machine_id` text NOT NULL,
	`position` integer NOT NULL,
	`wave` integer NOT NULL,
	`state` text NOT NULL,
	`options_json` text NOT NULL,
	`error_kind` text,
	`error_message` text,
	`error_data_json` text,
	PRIMARY KEY(`bulk_run_id`, `machine_id`),
	FOREIGN KEY (`bulk_run_id`) REFERENCES `bulk_runs`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "bulk_run_machines_state_check" CHECK("state" in ('waiting', 'refused', 'skipped'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `bulk_run_machines_machine_id` ON `bulk_run_machines` (`machine_id`);--> statement-breakpoint
CREATE TABLE `bulk_runs` (
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
	CONSTRAINT "bulk_runs_action_check" CHECK("action" in ('apt_update_analyze', 'apt_upgrade', 'apt_full_upgrade', 'apt_dist_upgrade', 'apt_autoremove', 'apt_clean', 'apt_repair', 'reboot', 'reboot_verified')),
	CONSTRAINT "bulk_runs_status_check" CHECK("status" in ('running', 'ok', 'warning', 'error', 'stopped', 'cancelled')),
	CONSTRAINT "bulk_runs_on_failure_check" CHECK("on_failure" in ('stop', 'continue'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `bulk_runs_created_at` ON `bulk_runs` ("created_at" desc);--> statement-breakpoint
CREATE INDEX `bulk_runs_status` ON `bulk_runs` (`status`);--> statement-breakpoint
CREATE TABLE `docker_compose_roots` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text NOT NULL,
	`path` text NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`scan_depth` integer,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "docker_compose_roots_enabled_check" CHECK("enabled" in (0, 1))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `docker_compose_roots_machine_id_path` ON `docker_compose_roots` (`machine_id`,`path`);--> statement-breakpoint
CREATE TABLE `docker_compose_stacks` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text NOT NULL,
	`name` text NOT NULL,
	`working_dir` text NOT NULL,
	`compose_files_json` text NOT NULL,
	`project_name` text,
	`env_file` text,
	`status` text NOT NULL,
	`detected_by` text,
	`last_scan_at` text,
	`last_update_at` text,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "docker_compose_stacks_status_check" CHECK("status" in ('candidate', 'enabled', 'ignored', 'error')),
	CONSTRAINT "docker_compose_stacks_detected_by_check" CHECK("detected_by" in ('root_scan', 'label', 'manual'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `docker_compose_stacks_machine_id_status` ON `docker_compose_stacks` (`machine_id`,`status`);--> statement-breakpoint
CREATE TABLE `docker_image_events` (
	`id` text PRIMARY KEY NOT NULL,
	`execution_id` text,
	`machine_id` text NOT NULL,
	`stack_id` text,
	`service_name` text,
	`image_ref` text,
	`from_image_id` text,
	`to_image_id` text,
	`from_digest` text,
	`to_digest` text,
	`operation` text,
	`bytes_reclaimed` integer,
	`created_at` text NOT NULL,
	FOREIGN KEY (`execution_id`) REFERENCES `executions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "docker_image_events_operation_check" CHECK("operation" in ('pulled', 'recreated', 'pruned'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `docker_image_events_execution_id` ON `docker_image_events` (`execution_id`);--> statement-breakpoint
CREATE INDEX `docker_image_events_machine_id_created_at` ON `docker_image_events` (`machine_id`,"created_at" desc);--> statement-breakpoint
CREATE TABLE `docker_settings` (
	`machine_id` text PRIMARY KEY NOT NULL,
	`enabled` integer DEFAULT false NOT NULL,
	`scan_depth` integer DEFAULT 4 NOT NULL,
	`prune_mode` text DEFAULT 'safe' NOT NULL,
	`last_scan_at` text,
	`last_pull_check_at` text,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "docker_settings_enabled_check" CHECK("enabled" in (0, 1)),
	CONSTRAINT "docker_settings_prune_mode_check" CHECK("prune_mode" in ('safe', 'aggressive'))
) STRICT;
--> statement-breakpoint
CREATE TABLE `docker_stack_services` (
	`id` text PRIMARY KEY NOT NULL,
	`stack_id` text NOT NULL,
	`service_name` text NOT NULL,
	`image_ref` text,
	`current_image_id` text,
	`current_digest` text,
	`candidate_image_id` text,
	`candidate_digest` text,
	`version_label` text,
	`status` text,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`stack_id`) REFERENCES `docker_compose_stacks`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "docker_stack_services_status_check" CHECK("status" in ('up_to_date', 'updates_available', 'warning', 'error'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `docker_stack_services_stack_id_status` ON `docker_stack_services` (`stack_id`,`status`);--> statement-breakpoint
CREATE UNIQUE INDEX `docker_stack_services_stack_id_service_name` ON `docker_stack_services` (`stack_id`,`service_name`);--> statement-breakpoint
CREATE TABLE `stack_versions` (
	`id` text PRIMARY KEY NOT NULL,
	`stack_id` text NOT NULL,
	`version` integer NOT NULL,
	`parent_version_id` text,
	`compose_files_json` text NOT NULL,
	`env_json` text,
	`resolved_digests_json` text,
	`comment` text,
	`created_by` text,
	`created_at` text NOT NULL,
	`status` text,
	FOREIGN KEY (`stack_id`) REFERENCES `docker_compose_stacks`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`parent_version_id`) REFERENCES `stack_versions`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "stack_versions_status_check" CHECK("status" in ('draft', 'applied', 'failed', 'superseded'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `stack_versions_stack_id_version` ON `stack_versions` (`stack_id`,"version" desc);--> statement-breakpoint
CREATE INDEX `stack_versions_parent_version_id` ON `stack_versions` (`parent_version_id`);--> statement-breakpoint
CREATE TABLE `apt_history_marks` (
	`machine_id` text PRIMARY KEY NOT NULL,
	`mark` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE TABLE `apt_history_seen` (
	`machine_id` text NOT NULL,
	`entry_key` text NOT NULL,
	`started_at` text NOT NULL,
	PRIMARY KEY(`machine_id`, `entry_key`),
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE TABLE `machine_hardware` (
	`machine_id` text PRIMARY KEY NOT NULL,
	`probe_snapshot_id` text,
	`cpu_model` text,
	`cpu_cores` integer,
	`memory_bytes` integer,
	`gpus_json` text,
	`disks_json` text,
	`network_json` text,
	`firmware_json` text,
	`driver_json` text,
	`warnings_json` text,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`probe_snapshot_id`) REFERENCES `snapshots`(`id`) ON UPDATE no action ON DELETE set null
) STRICT;
--> statement-breakpoint
CREATE INDEX `machine_hardware_updated_at` ON `machine_hardware` ("updated_at" desc);--> statement-breakpoint
CREATE INDEX `machine_hardware_probe_snapshot_id` ON `machine_hardware` (`probe_snapshot_id`);--> statement-breakpoint
CREATE TABLE `machine_metrics_latest` (
	`machine_id` text PRIMARY KEY NOT NULL,
	`snapshot_id` text,
	`collected_at` text NOT NULL,
	`cpu_load1` real,
	`cpu_load5` real,
	`cpu_cores` integer,
	`memory_total_bytes` integer,
	`memory_used_bytes` integer,
	`memory_available_bytes` integer,
	`memory_used_percent` real,
	`filesystems_json` text NOT NULL,
	`root_used_percent` real,
	`warnings_json` text,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`snapshot_id`) REFERENCES `snapshots`(`id`) ON UPDATE no action ON DELETE set null
) STRICT;
--> statement-breakpoint
CREATE INDEX `machine_metrics_latest_collected_at` ON `machine_metrics_latest` ("collected_at" desc);--> statement-breakpoint
CREATE INDEX `machine_metrics_latest_root_used_percent` ON `machine_metrics_latest` (`root_used_percent`);--> statement-breakpoint
CREATE INDEX `machine_metrics_latest_snapshot_id` ON `machine_metrics_latest` (`snapshot_id`);--> statement-breakpoint
CREATE TABLE `executions` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text NOT NULL,
	`action` text NOT NULL,
	`mode` text NOT NULL,
	`schema_version` integer DEFAULT 1 NOT NULL,
	`started_at` text NOT NULL,
	`finished_at` text,
	`status` text NOT NULL,
	`request_id` text,
	`job_id` text,
	`result_json` text,
	`important_json` text,
	`raw_log_path` text,
	`raw_artifact_id` text,
	`report_id` text,
	`exit_code` integer,
	`error_kind` text,
	`error_message` text,
	`error_data_json` text,
	`output_offset` integer DEFAULT 0 NOT NULL,
	`progress_offset` integer DEFAULT 0 NOT NULL,
	`remote_state` text,
	`boot_id` text,
	`plan_hash` text,
	`log_bytes` integer DEFAULT 0 NOT NULL,
	`log_sha256` text,
	`log_verified` integer,
	`redacted_count` integer DEFAULT 0 NOT NULL,
	`cancel_requested_at` text,
	`progress_percent` real,
	`current_step` text,
	`steps_json` text,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "executions_action_check" CHECK("action" in ('apt_update_analyze', 'apt_upgrade', 'apt_full_upgrade', 'apt_dist_upgrade', 'apt_autoremove', 'apt_clean', 'apt_repair', 'reboot', 'reboot_verified', 'docker_scan', 'docker_inspect_current', 'docker_pull_check', 'docker_compose_apply', 'docker_prune_images', 'docker_compose_down', 'machine_probe', 'post_install')),
	CONSTRAINT "executions_mode_check" CHECK("mode" in ('manual', 'scheduled', 'hermes_requested')),
	CONSTRAINT "executions_status_check" CHECK("status" in ('running', 'ok', 'warning', 'error', 'cancelled', 'interrupted')),
	CONSTRAINT "executions_remote_state_check" CHECK("remote_state" in ('launching', 'launched', 'ended', 'cleaned')),
	CONSTRAINT "executions_log_verified_check" CHECK("log_verified" in (0, 1))
) STRICT;
--> statement-breakpoint
CREATE INDEX `executions_machine_id_started_at` ON `executions` (`machine_id`,"started_at" desc);--> statement-breakpoint
CREATE INDEX `executions_action_status_started_at` ON `executions` (`action`,`status`,"started_at" desc);--> statement-breakpoint
CREATE INDEX `executions_job_id` ON `executions` (`job_id`);--> statement-breakpoint
CREATE INDEX `executions_status` ON `executions` (`status`);--> statement-breakpoint
CREATE INDEX `executions_started_at` ON `executions` ("started_at" desc);--> statement-breakpoint
CREATE TABLE `important_messages` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text,
	`source` text NOT NULL,
	`category` text NOT NULL,
	`severity` text NOT NULL,
	`package_name` text,
	`dedup_key` text NOT NULL,
	`component` text,
	`message` text NOT NULL,
	`raw_line_ref` text,
	`snapshot_id` text,
	`execution_id` text,
	`first_seen_at` text NOT NULL,
	`last_seen_at` text NOT NULL,
	`acknowledged` integer DEFAULT false NOT NULL,
	`acknowledged_at` text,
	`acknowledged_by` text,
	`payload_json` text,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`snapshot_id`) REFERENCES `snapshots`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`execution_id`) REFERENCES `executions`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "important_messages_source_check" CHECK("source" in ('apt', 'docker', 'post_install', 'ssh', 'system')),
	CONSTRAINT "important_messages_category_check" CHECK("category" in ('error', 'warning', 'future_major_change', 'deprecation', 'security_notice', 'repository_notice')),
	CONSTRAINT "important_messages_severity_check" CHECK("severity" in ('info', 'warning', 'error')),
	CONSTRAINT "important_messages_acknowledged_check" CHECK("acknowledged" in (0, 1))
) STRICT;
--> statement-breakpoint
CREATE INDEX `important_messages_machine_id_severity_last_seen_at` ON `important_messages` (`machine_id`,`severity`,"last_seen_at" desc);--> statement-breakpoint
CREATE INDEX `important_messages_category_acknowledged_last_seen_at` ON `important_messages` (`category`,`acknowledged`,"last_seen_at" desc);--> statement-breakpoint
CREATE INDEX `important_messages_acknowledged_dedup_key` ON `important_messages` (`acknowledged`,`dedup_key`,`machine_id`,`first_seen_at`,`last_seen_at`);--> statement-breakpoint
CREATE INDEX `important_messages_machine_id_dedup_key` ON `important_messages` (`machine_id`,`dedup_key`);--> statement-breakpoint
CREATE INDEX `important_messages_acknowledged_last_seen_at` ON `important_messages` (`acknowledged`,"last_seen_at" desc);--> statement-breakpoint
CREATE INDEX `important_messages_package_name` ON `important_messages` (`package_name`);--> statement-breakpoint
CREATE INDEX `important_messages_snapshot_id` ON `important_messages` (`snapshot_id`);--> statement-breakpoint
CREATE INDEX `important_messages_execution_id` ON `important_messages` (`execution_id`);--> statement-breakpoint
CREATE TABLE `machine_events` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text,
	`event_type` text NOT NULL,
	`severity` text NOT NULL,
	`created_at` text NOT NULL,
	`actor_type` text,
	`actor_id` text,
	`snapshot_id` text,
	`execution_id` text,
	`job_id` text,
	`message` text,
	`payload_json` text,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "machine_events_severity_check" CHECK("severity" in ('info', 'warning', 'error')),
	CONSTRAINT "machine_events_actor_type_check" CHECK("actor_type" in ('user', 'system', 'schedule', 'hermes'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `machine_events_machine_id_created_at` ON `machine_events` (`machine_id`,"created_at" desc);--> statement-breakpoint
CREATE INDEX `machine_events_event_type_created_at` ON `machine_events` (`event_type`,"created_at" desc);--> statement-breakpoint
CREATE INDEX `machine_events_created_at` ON `machine_events` ("created_at" desc);--> statement-breakpoint
CREATE TABLE `raw_artifacts` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text,
	`kind` text NOT NULL,
	`path` text NOT NULL,
	`bytes` integer,
	`sha256` text,
	`created_at` text NOT NULL,
	`expires_at` text,
	`pinned` integer DEFAULT false NOT NULL,
	`redacted` integer DEFAULT true NOT NULL,
	`retention_policy` text,
	`deleted_at` text,
	`delete_reason` text,
	`metadata_json` text,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "raw_artifacts_kind_check" CHECK("kind" in ('raw_log', 'rendered_template', 'export', 'screenshot', 'recording')),
	CONSTRAINT "raw_artifacts_pinned_check" CHECK("pinned" in (0, 1)),
	CONSTRAINT "raw_artifacts_redacted_check" CHECK("redacted" in (0, 1)),
	CONSTRAINT "raw_artifacts_retention_policy_check" CHECK("retention_policy" in ('default', 'failed', 'pinned', 'short'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `raw_artifacts_machine_id_created_at` ON `raw_artifacts` (`machine_id`,"created_at" desc);--> statement-breakpoint
CREATE INDEX `raw_artifacts_expires_at` ON `raw_artifacts` (`expires_at`);--> statement-breakpoint
CREATE TABLE `reports` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text,
	`execution_id` text,
	`kind` text NOT NULL,
	`title` text NOT NULL,
	`path` text NOT NULL,
	`created_at` text NOT NULL,
	`pinned` integer DEFAULT false NOT NULL,
	`summary_json` text,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "reports_kind_check" CHECK("kind" in ('machine', 'global', 'cleanup', 'hermes')),
	CONSTRAINT "reports_pinned_check" CHECK("pinned" in (0, 1))
) STRICT;
--> statement-breakpoint
CREATE INDEX `reports_machine_id_created_at` ON `reports` (`machine_id`,"created_at" desc);--> statement-breakpoint
CREATE INDEX `reports_kind_created_at` ON `reports` (`kind`,"created_at" desc);--> statement-breakpoint
CREATE INDEX `reports_created_at` ON `reports` ("created_at" desc);--> statement-breakpoint
CREATE INDEX `reports_execution_id` ON `reports` (`execution_id`);--> statement-breakpoint
CREATE TABLE `snapshots` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text NOT NULL,
	`kind` text NOT NULL,
	`schema_version` integer DEFAULT 1 NOT NULL,
	`created_at` text NOT NULL,
	`status` text NOT NULL,
	`payload_json` text NOT NULL,
	`important_json` text,
	`raw_log_path` text,
	`raw_artifact_id` text,
	`source_job_id` text,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "snapshots_kind_check" CHECK("kind" in ('apt_update_analyze', 'docker_scan', 'reboot_check', 'machine_probe', 'combined')),
	CONSTRAINT "snapshots_status_check" CHECK("status" in ('ok', 'updates_available', 'warning', 'error'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `snapshots_machine_id_kind_created_at` ON `snapshots` (`machine_id`,`kind`,"created_at" desc);--> statement-breakpoint
CREATE INDEX `snapshots_kind_status_created_at` ON `snapshots` (`kind`,`status`,"created_at" desc);--> statement-breakpoint
CREATE TABLE `ssh_terminal_sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text NOT NULL,
	`username` text,
	`opened_by` text,
	`opened_at` text NOT NULL,
	`closed_at` text,
	`status` text NOT NULL,
	`interactive` integer DEFAULT true NOT NULL,
	`recording_enabled` integer DEFAULT false NOT NULL,
	`raw_artifact_id` text,
	`last_error` text,
	`metadata_json` text,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "ssh_terminal_sessions_status_check" CHECK("status" in ('open', 'closed', 'error', 'killed')),
	CONSTRAINT "ssh_terminal_sessions_interactive_check" CHECK("interactive" in (0, 1)),
	CONSTRAINT "ssh_terminal_sessions_recording_enabled_check" CHECK("recording_enabled" in (0, 1))
) STRICT;
--> statement-breakpoint
CREATE INDEX `ssh_terminal_sessions_machine_id_opened_at` ON `ssh_terminal_sessions` (`machine_id`,"opened_at" desc);--> statement-breakpoint
CREATE INDEX `ssh_terminal_sessions_status` ON `ssh_terminal_sessions` (`status`);--> statement-breakpoint
CREATE TABLE `action_requests` (
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
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "action_requests_requested_by_type_check" CHECK("requested_by_type" in ('user', 'hermes', 'schedule')),
	CONSTRAINT "action_requests_risk_check" CHECK("risk" in ('read', 'change', 'destructive')),
	CONSTRAINT "action_requests_status_check" CHECK("status" in ('pending', 'approved', 'rejected', 'executed', 'expired'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `action_requests_status_created_at` ON `action_requests` (`status`,`created_at`);--> statement-breakpoint
CREATE INDEX `action_requests_machine_id` ON `action_requests` (`machine_id`);--> statement-breakpoint
CREATE TABLE `job_logs` (
	`id` text PRIMARY KEY NOT NULL,
	`job_id` text NOT NULL,
	`seq` integer NOT NULL,
	`at` text NOT NULL,
	`level` text NOT NULL,
	`message` text NOT NULL,
	FOREIGN KEY (`job_id`) REFERENCES `jobs`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "job_logs_level_check" CHECK("level" in ('info', 'warn', 'error'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `job_logs_job_id_seq` ON `job_logs` (`job_id`,`seq`);--> statement-breakpoint
CREATE TABLE `jobs` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`action` text,
	`machine_id` text,
	`schedule_id` text,
	`bulk_run_id` text,
	`request_id` text,
	`partition_key` text NOT NULL,
	`status` text NOT NULL,
	`priority` integer DEFAULT 0 NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`started_at` text,
	`finished_at` text,
	`attempt` integer DEFAULT 0 NOT NULL,
	`max_attempts` integer DEFAULT 1 NOT NULL,
	`payload_json` text,
	`result_json` text,
	`error_kind` text,
	`error_message` text,
	`error_data_json` text,
	`cancel_requested_at` text,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "jobs_action_check" CHECK("action" in ('apt_update_analyze', 'apt_upgrade', 'apt_full_upgrade', 'apt_dist_upgrade', 'apt_autoremove', 'apt_clean', 'apt_repair', 'reboot', 'reboot_verified', 'docker_scan', 'docker_inspect_current', 'docker_pull_check', 'docker_compose_apply', 'docker_prune_images', 'docker_compose_down', 'machine_probe', 'post_install')),
	CONSTRAINT "jobs_status_check" CHECK("status" in ('queued', 'running', 'ok', 'warning', 'error', 'cancelled'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `jobs_status_created_at` ON `jobs` (`status`,`created_at`);--> statement-breakpoint
CREATE INDEX `jobs_machine_id_status` ON `jobs` (`machine_id`,`status`);--> statement-breakpoint
CREATE INDEX `jobs_created_at` ON `jobs` ("created_at" desc);--> statement-breakpoint
CREATE INDEX `jobs_machine_id_created_at` ON `jobs` (`machine_id`,"created_at" desc);--> statement-breakpoint
CREATE INDEX `jobs_partition_key_status_created_at` ON `jobs` (`partition_key`,`status`,`created_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_bulk_run_id_machine_id` ON `jobs` (`bulk_run_id`,`machine_id`) WHERE "bulk_run_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_one_running_per_partition` ON `jobs` (`partition_key`) WHERE "status" = 'running';--> statement-breakpoint
CREATE TABLE `machine_locks` (
	`machine_id` text PRIMARY KEY NOT NULL,
	`job_id` text NOT NULL,
	`lock_kind` text NOT NULL,
	`created_at` text NOT NULL,
	`expires_at` text,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "machine_locks_lock_kind_check" CHECK("lock_kind" in ('apt', 'docker', 'post_install', 'reboot', 'exclusive'))
) STRICT;
--> statement-breakpoint
CREATE TABLE `schedules` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`cron` text NOT NULL,
	`timezone` text NOT NULL,
	`scope_json` text NOT NULL,
	`actions_json` text NOT NULL,
	`concurrency` integer DEFAULT 1 NOT NULL,
	`catch_up` text DEFAULT 'skip' NOT NULL,
	`notify_on_json` text,
	`last_run_at` text,
	`next_run_at` text,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	CONSTRAINT "schedules_enabled_check" CHECK("enabled" in (0, 1)),
	CONSTRAINT "schedules_catch_up_check" CHECK("catch_up" in ('skip', 'run_once'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `schedules_enabled_next_run_at` ON `schedules` (`enabled`,`next_run_at`);--> statement-breakpoint
CREATE TABLE `machine_credentials` (
	`machine_id` text PRIMARY KEY NOT NULL,
	`auth_method` text NOT NULL,
	`enc_password` text,
	`enc_sudo_password` text,
	`enc_private_key` text,
	`enc_key_passphrase` text,
	`sudo_mode` text NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`last_test_at` text,
	`status` text,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "machine_credentials_auth_method_check" CHECK("auth_method" in ('password', 'ssh_key', 'agent')),
	CONSTRAINT "machine_credentials_sudo_mode_check" CHECK("sudo_mode" in ('same_as_ssh', 'separate', 'nopasswd', 'none')),
	CONSTRAINT "machine_credentials_status_check" CHECK("status" in ('ok', 'error', 'unknown'))
) STRICT;
--> statement-breakpoint
CREATE TABLE `machine_host_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text,
	`hostname` text NOT NULL,
	`port` integer NOT NULL,
	`key_type` text,
	`fingerprint_sha256` text NOT NULL,
	`public_key` text,
	`status` text NOT NULL,
	`first_seen_at` text NOT NULL,
	`last_seen_at` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "machine_host_keys_status_check" CHECK("status" in ('approved', 'changed', 'rejected', 'unknown'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `machine_host_keys_machine_id` ON `machine_host_keys` (`machine_id`);--> statement-breakpoint
CREATE INDEX `machine_host_keys_hostname_port` ON `machine_host_keys` (`hostname`,`port`);--> statement-breakpoint
CREATE TABLE `machine_state` (
	`machine_id` text PRIMARY KEY NOT NULL,
	`status` text NOT NULL,
	`apt_status` text,
	`apt_updates_count` integer,
	`apt_security_count` integer,
	`apt_reboot_required` integer,
	`reboot_evidence_json` text,
	`apt_last_analyze_at` text,
	`apt_lists_at` text,
	`docker_status` text,
	`docker_installed` integer,
	`docker_stacks_count` integer,
	`docker_updates_count` integer,
	`docker_prune_available` integer,
	`post_install_status` text,
	`metrics_last_collected_at` text,
	`cpu_load1` real,
	`memory_used_percent` real,
	`root_used_percent` real,
	`disk_warnings_count` integer,
	`hardware_warnings_count` integer,
	`running_job_id` text,
	`running_action` text,
	`running_progress_percent` real,
	`running_step` text,
	`last_error_kind` text,
	`last_error_message` text,
	`last_error_data_json` text,
	`checked_at` text,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "machine_state_status_check" CHECK("status" in ('unknown', 'online', 'unreachable', 'blocked', 'error')),
	CONSTRAINT "machine_state_apt_status_check" CHECK("apt_status" in ('ok', 'updates_available', 'warning', 'error')),
	CONSTRAINT "machine_state_apt_reboot_required_check" CHECK("apt_reboot_required" in (0, 1)),
	CONSTRAINT "machine_state_docker_status_check" CHECK("docker_status" in ('ok', 'updates_available', 'warning', 'error')),
	CONSTRAINT "machine_state_docker_installed_check" CHECK("docker_installed" in (0, 1)),
	CONSTRAINT "machine_state_docker_prune_available_check" CHECK("docker_prune_available" in (0, 1)),
	CONSTRAINT "machine_state_post_install_status_check" CHECK("post_install_status" in ('not_run', 'ok', 'warning', 'error', 'pending')),
	CONSTRAINT "machine_state_running_action_check" CHECK("running_action" in ('apt_update_analyze', 'apt_upgrade', 'apt_full_upgrade', 'apt_dist_upgrade', 'apt_autoremove', 'apt_clean', 'apt_repair', 'reboot', 'reboot_verified', 'docker_scan', 'docker_inspect_current', 'docker_pull_check', 'docker_compose_apply', 'docker_prune_images', 'docker_compose_down', 'machine_probe', 'post_install'))
) STRICT;
--> statement-breakpoint
CREATE TABLE `machine_tags` (
	`machine_id` text NOT NULL,
	`tag_id` text NOT NULL,
	PRIMARY KEY(`machine_id`, `tag_id`),
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`tag_id`) REFERENCES `tags`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE INDEX `machine_tags_tag_id` ON `machine_tags` (`tag_id`);--> statement-breakpoint
CREATE TABLE `machines` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`hostname` text NOT NULL,
	`port` integer DEFAULT 22 NOT NULL,
	`os_family` text NOT NULL,
	`os_version` text,
	`os_codename` text,
	`arch` text,
	`machine_kind` text,
	`virtualization` text,
	`hardware_profile` text,
	`username` text NOT NULL,
	`status` text NOT NULL,
	`jump_machine_id` text,
	`allow_legacy_algorithms` integer DEFAULT false NOT NULL,
	`apt_proxy_mode` text DEFAULT 'direct' NOT NULL,
	`apt_proxy_url` text,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`last_seen_at` text,
	`deleted_at` text,
	FOREIGN KEY (`jump_machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "machines_os_family_check" CHECK("os_family" in ('debian', 'ubuntu', 'proxmox', 'raspbian', 'unknown')),
	CONSTRAINT "machines_machine_kind_check" CHECK("machine_kind" in ('physical', 'vm', 'proxmox_host', 'lxc', 'raspberry_pi', 'workstation', 'unknown')),
	CONSTRAINT "machines_status_check" CHECK("status" in ('unknown', 'online', 'unreachable', 'blocked', 'error')),
	CONSTRAINT "machines_allow_legacy_algorithms_check" CHECK("allow_legacy_algorithms" in (0, 1)),
	CONSTRAINT "machines_apt_proxy_mode_check" CHECK("apt_proxy_mode" in ('direct', 'runtime', 'persistent'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `machines_hostname_port` ON `machines` (`hostname`,`port`);--> statement-breakpoint
CREATE INDEX `machines_status` ON `machines` (`status`);--> statement-breakpoint
CREATE INDEX `machines_os_family_machine_kind` ON `machines` (`os_family`,`machine_kind`);--> statement-breakpoint
CREATE INDEX `machines_hardware_profile` ON `machines` (`hardware_profile`);--> statement-breakpoint
CREATE INDEX `machines_jump_machine_id` ON `machines` (`jump_machine_id`);--> statement-breakpoint
CREATE TABLE `tags` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`color` text,
	`created_at` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `tags_name` ON `tags` (`name`);--> statement-breakpoint
CREATE TABLE `cleanup_runs` (
	`id` text PRIMARY KEY NOT NULL,
	`mode` text NOT NULL,
	`status` text NOT NULL,
	`started_at` text NOT NULL,
	`finished_at` text,
	`deleted_counts_json` text,
	`bytes_reclaimed` integer,
	`result_json` text,
	CONSTRAINT "cleanup_runs_mode_check" CHECK("mode" in ('dry_run', 'apply')),
	CONSTRAINT "cleanup_runs_status_check" CHECK("status" in ('running', 'ok', 'error', 'cancelled'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `cleanup_runs_started_at` ON `cleanup_runs` ("started_at" desc);--> statement-breakpoint
CREATE TABLE `discovery_candidates` (
	`id` text PRIMARY KEY NOT NULL,
	`scan_id` text NOT NULL,
	`host` text NOT NULL,
	`port` integer NOT NULL,
	`service` text,
	`host_key_fingerprint` text,
	`reverse_dns` text,
	`already_known` integer DEFAULT false NOT NULL,
	`created_at` text NOT NULL,
	FOREIGN KEY (`scan_id`) REFERENCES `discovery_scans`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "discovery_candidates_already_known_check" CHECK("already_known" in (0, 1))
) STRICT;
--> statement-breakpoint
CREATE INDEX `discovery_candidates_scan_id` ON `discovery_candidates` (`scan_id`);--> statement-breakpoint
CREATE TABLE `discovery_scans` (
	`id` text PRIMARY KEY NOT NULL,
	`cidr` text NOT NULL,
	`ports_json` text NOT NULL,
	`method` text NOT NULL,
	`status` text NOT NULL,
	`started_at` text NOT NULL,
	`finished_at` text,
	`result_json` text,
	CONSTRAINT "discovery_scans_method_check" CHECK("method" in ('nmap', 'tcp')),
	CONSTRAINT "discovery_scans_status_check" CHECK("status" in ('running', 'ok', 'error', 'cancelled'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `discovery_scans_started_at` ON `discovery_scans` ("started_at" desc);--> statement-breakpoint
CREATE TABLE `system_metrics` (
	`id` text PRIMARY KEY NOT NULL,
	`created_at` text NOT NULL,
	`cpu_percent` real,
	`memory_rss_bytes` integer,
	`memory_heap_bytes` integer,
	`db_bytes` integer,
	`wal_bytes` integer,
	`jobs_running` integer,
	`machines_count` integer,
	`payload_json` text
) STRICT;
--> statement-breakpoint
CREATE INDEX `system_metrics_created_at` ON `system_metrics` ("created_at" desc);--> statement-breakpoint
CREATE TABLE `install_profiles` (
	`id` text PRIMARY KEY NOT NULL,
	`label` text NOT NULL,
	`category` text NOT NULL,
	`risk` text,
	`enabled` integer DEFAULT true NOT NULL,
	`manifest_json` text NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	CONSTRAINT "install_profiles_risk_check" CHECK("risk" in ('low', 'medium', 'high')),
	CONSTRAINT "install_profiles_enabled_check" CHECK("enabled" in (0, 1))
) STRICT;
--> statement-breakpoint
CREATE TABLE `install_recipe_versions` (
	`id` text PRIMARY KEY NOT NULL,
	`recipe_id` text NOT NULL,
	`version` integer NOT NULL,
	`template_path` text NOT NULL,
	`manifest_json` text NOT NULL,
	`sha256` text,
	`created_at` text NOT NULL,
	`created_by` text,
	FOREIGN KEY (`recipe_id`) REFERENCES `install_recipes`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `install_recipe_versions_recipe_id_version` ON `install_recipe_versions` (`recipe_id`,`version`);--> statement-breakpoint
CREATE TABLE `install_recipes` (
	`id` text PRIMARY KEY NOT NULL,
	`profile_id` text,
	`label` text NOT NULL,
	`source_type` text NOT NULL,
	`risk` text,
	`current_version_id` text,
	`enabled` integer DEFAULT true NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`profile_id`) REFERENCES `install_profiles`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "install_recipes_source_type_check" CHECK("source_type" in ('apt_packages', 'official_external', 'custom')),
	CONSTRAINT "install_recipes_risk_check" CHECK("risk" in ('low', 'medium', 'high')),
	CONSTRAINT "install_recipes_enabled_check" CHECK("enabled" in (0, 1))
) STRICT;
--> statement-breakpoint
CREATE INDEX `install_recipes_profile_id` ON `install_recipes` (`profile_id`);--> statement-breakpoint
CREATE TABLE `machine_profile_state` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text NOT NULL,
	`profile_id` text NOT NULL,
	`status` text NOT NULL,
	`last_execution_id` text,
	`last_run_at` text,
	`variables_json` text,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`profile_id`) REFERENCES `install_profiles`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "machine_profile_state_status_check" CHECK("status" in ('not_run', 'ok', 'warning', 'error', 'pending'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `machine_profile_state_machine_id_profile_id` ON `machine_profile_state` (`machine_id`,`profile_id`);--> statement-breakpoint
CREATE INDEX `machine_profile_state_profile_id` ON `machine_profile_state` (`profile_id`);--> statement-breakpoint
CREATE TABLE `script_variables_presets` (
	`id` text PRIMARY KEY NOT NULL,
	`scope` text NOT NULL,
	`machine_id` text,
	`profile_id` text,
	`name` text NOT NULL,
	`variables_json` text NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`profile_id`) REFERENCES `install_profiles`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "script_variables_presets_scope_check" CHECK("scope" in ('global', 'machine', 'profile'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `script_variables_presets_machine_id` ON `script_variables_presets` (`machine_id`);--> statement-breakpoint
CREATE INDEX `script_variables_presets_profile_id` ON `script_variables_presets` (`profile_id`);--> statement-breakpoint
CREATE TABLE `cascade_steps` (
	`id` text PRIMARY KEY NOT NULL,
	`cascade_id` text NOT NULL,
	`position` integer NOT NULL,
	`node_type` text NOT NULL,
	`node_id` text NOT NULL,
	`action` text NOT NULL,
	`reason` text,
	`status` text NOT NULL,
	`started_at` text,
	`finished_at` text,
	`error_code` text,
	`error_message` text,
	FOREIGN KEY (`cascade_id`) REFERENCES `cascades`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "cascade_steps_node_type_check" CHECK("node_type" in ('machine', 'resource')),
	CONSTRAINT "cascade_steps_action_check" CHECK("action" in ('start', 'stop', 'skip')),
	CONSTRAINT "cascade_steps_status_check" CHECK("status" in ('pending', 'in_progress', 'completed', 'failed', 'skipped', 'cancelled'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `cascade_steps_cascade_id_position` ON `cascade_steps` (`cascade_id`,`position`);--> statement-breakpoint
CREATE TABLE `cascades` (
	`id` text PRIMARY KEY NOT NULL,
	`resource_id` text NOT NULL,
	`target_type` text NOT NULL,
	`type` text NOT NULL,
	`status` text NOT NULL,
	`current_step` integer DEFAULT 0 NOT NULL,
	`total_steps` integer DEFAULT 0 NOT NULL,
	`failed_step` integer,
	`error_code` text,
	`error_message` text,
	`started_at` text NOT NULL,
	`completed_at` text,
	CONSTRAINT "cascades_target_type_check" CHECK("target_type" in ('machine', 'resource')),
	CONSTRAINT "cascades_type_check" CHECK("type" in ('start', 'stop')),
	CONSTRAINT "cascades_status_check" CHECK("status" in ('pending', 'in_progress', 'completed', 'failed', 'cancelled'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `cascades_status` ON `cascades` (`status`);--> statement-breakpoint
CREATE INDEX `cascades_resource_id` ON `cascades` (`resource_id`);--> statement-breakpoint
CREATE TABLE `dependencies` (
	`id` text PRIMARY KEY NOT NULL,
	`parent_type` text NOT NULL,
	`parent_id` text NOT NULL,
	`child_type` text NOT NULL,
	`child_id` text NOT NULL,
	`created_at` text NOT NULL,
	CONSTRAINT "dependencies_parent_type_check" CHECK("parent_type" in ('machine', 'resource')),
	CONSTRAINT "dependencies_child_type_check" CHECK("child_type" in ('machine', 'resource'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `dependencies_edge` ON `dependencies` (`parent_type`,`parent_id`,`child_type`,`child_id`);--> statement-breakpoint
CREATE INDEX `dependencies_child_type_child_id` ON `dependencies` (`child_type`,`child_id`);--> statement-breakpoint
CREATE TABLE `operation_logs` (
	`id` text PRIMARY KEY NOT NULL,
	`timestamp` text NOT NULL,
	`level` text NOT NULL,
	`source` text NOT NULL,
	`message` text NOT NULL,
	`reason` text,
	`details_json` text,
	CONSTRAINT "operation_logs_level_check" CHECK("level" in ('info', 'warn', 'error'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `operation_logs_timestamp` ON `operation_logs` ("timestamp" desc);--> statement-breakpoint
CREATE TABLE `power_endpoints` (
	`machine_id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`mac_address` text,
	`broadcast_address` text,
	`api_url` text,
	`tls_fingerprint_sha256` text,
	`enc_api_credentials` text,
	`enc_secure_on_password` text,
	`step_timeout_seconds` integer,
	`allow_forced_stop` integer DEFAULT false NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "power_endpoints_kind_check" CHECK("kind" in ('physical', 'proxmox', 'docker')),
	CONSTRAINT "power_endpoints_allow_forced_stop_check" CHECK("allow_forced_stop" in (0, 1))
) STRICT;
--> statement-breakpoint
CREATE TABLE `resources` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text NOT NULL,
	`type` text NOT NULL,
	`name` text NOT NULL,
	`platform_ref_json` text NOT NULL,
	`status` text NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "resources_type_check" CHECK("type" in ('vm', 'container')),
	CONSTRAINT "resources_status_check" CHECK("status" in ('unknown', 'stopped', 'starting', 'running', 'stopping', 'error'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `resources_machine_id` ON `resources` (`machine_id`);--> statement-breakpoint
CREATE TABLE `app_meta` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `app_settings` (
	`key` text PRIMARY KEY NOT NULL,
	`value_json` text NOT NULL,
	`updated_at` text NOT NULL,
	`updated_by` text
) STRICT;
--> statement-breakpoint
CREATE TABLE `machine_ui_state` (
	`machine_id` text PRIMARY KEY NOT NULL,
	`sections_open_json` text,
	`tile_mode` text,
	`last_active_tab` text,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "machine_ui_state_tile_mode_check" CHECK("tile_mode" in ('compact', 'expanded'))
) STRICT;
--> statement-breakpoint
CREATE TABLE `user_preferences` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text DEFAULT 'local' NOT NULL,
	`key` text NOT NULL,
	`value_json` text NOT NULL,
	`updated_at` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `user_preferences_user_id_key` ON `user_preferences` (`user_id`,`key`);--> statement-breakpoint
CREATE TABLE `vault_wraps` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`wrapped_key` text NOT NULL,
	`params_json` text NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	CONSTRAINT "vault_wraps_kind_check" CHECK("kind" in ('keyring', 'safe_storage', 'passphrase'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `vault_wraps_kind` ON `vault_wraps` (`kind`);