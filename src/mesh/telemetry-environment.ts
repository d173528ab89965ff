type Environment = Readonly<Record<string, string | undefined>>;

/** Milliseconds after which an SDK sends what it has: five seconds, unless told, is longer than a person waits for a trace. */
const sendDelay = 500;

/** How a span is written and sent. gRPC is spoken on another port, by another server. */
const protocols = ['http/protobuf', 'http/json'];

/**
 * What makes the OpenTelemetry SDK of a program, if it has one, send its spans to the mesh (opentelemetry.io/docs/specs/otel,
 * "Environment Variable Specification"). Whatever is known already stays; who has a collector of their own keeps all of it.
 *
 * @param known what the program is given anyway
 */
export function telemetryEnvironment(service: string, adminUrl: string, known: Environment): Environment {
  const isSet = (name: string) => (known[name] ?? '') !== '';
  const protocol = known.OTEL_EXPORTER_OTLP_PROTOCOL || 'http/protobuf';
  const named = isSet('OTEL_SERVICE_NAME') || /(?:^|,) *service\.name=/.test(known.OTEL_RESOURCE_ATTRIBUTES ?? '');
  const name = named ? {} : { OTEL_SERVICE_NAME: service };
  if (isSet('OTEL_EXPORTER_OTLP_ENDPOINT') || !protocols.includes(protocol)) return name;
  return {
    ...name,
    OTEL_EXPORTER_OTLP_ENDPOINT: adminUrl,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    ...(isSet('OTEL_BSP_SCHEDULE_DELAY') ? {} : { OTEL_BSP_SCHEDULE_DELAY: String(sendDelay) }),
    // The mesh takes no metrics and no log records: where an SDK may be told so, it need not make any.
    ...Object.fromEntries(
      ['METRICS', 'LOGS']
        .filter((signal) => !isSet(`OTEL_${signal}_EXPORTER`) && !isSet(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`))
        .map((signal) => [`OTEL_${signal}_EXPORTER`, 'none']),
    ),
  };
}
