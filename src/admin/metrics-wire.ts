import { z } from '@hono/zod-openapi';

/** What Prometheus's HTTP service discovery reads: its keys are not ours. */
export const targetGroupView = z
  .object({
    targets: z.array(z.string()).describe('host:port'),
    labels: z
      .record(z.string(), z.string())
      .describe('`service`, and `__meta_mesh_instance`, `_version`, `_source`, `_health`, `_metadata_NAME`.'),
  })
  .openapi('TargetGroup');

export type TargetGroupView = z.infer<typeof targetGroupView>;
