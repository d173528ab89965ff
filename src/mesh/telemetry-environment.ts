type Environment = Readonly<Record<string, string | undefined>>;

/** Milliseconds after which an SDK sends what it has: five seconds, unless told, is longer than a person waits for a trace. */
const sendDelay = 500;

/** How spans are written and sent. gRPC is spoken on another port, by another server. */
const protocols = ['http/protobuf', 'http/json'];

/**
 * What makes the OpenTelemetry SDK of a program, if it has one, send its spans to the mesh (opentelemetry.io/docs/specs/otel,
 * "Environment Variable Specification"). Whatever is known already stays; who sends spans elsewhere is told nothing but its name.
 *
 * @param known what the program is given anyway
 */
export function telemetryEnvironment(service: string, adminUrl: string, known: Environment): Environment {
  const isSet = (name: string) => (known[name] ?? '') !== '';
  const isNamed = isSet('OTEL_SERVICE_NAME') || /(?:^|,) *service\.name=/.test(known.OTEL_RESOURCE_ATTRIBUTES ?? '');
  // The mesh takes no metrics and no log records: where an SDK may be told so, it need not make any.
  const unwanted = ['METRICS', 'LOGS'].filter((signal) => !isSet(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`));
  const told: Record<string, string> = {
    OTEL_EXPORTER_OTLP_ENDPOINT: adminUrl,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_BSP_SCHEDULE_DELAY: String(sendDelay),
    ...Object.fromEntries(unwanted.map((signal) => [`OTEL_${signal}_EXPORTER`, 'none'])),
  };
  return {
    ...(isNamed ? {} : { OTEL_SERVICE_NAME: service }),
    ...(sendsElsewhere(known) ? {} : Object.fromEntries(Object.entries(told).filter(([name]) => !isSet(name)))),
  };
}

function sendsElsewhere(known: Environment): boolean {
  const protocol = known.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || known.OTEL_EXPORTER_OTLP_PROTOCOL || 'http/protobuf';
  const endpoint = known.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || known.OTEL_EXPORTER_OTLP_ENDPOINT || '';
  const exporters = known.OTEL_TRACES_EXPORTER || 'otlp';
  return endpoint !== '' || !protocols.includes(protocol) || !exporters.split(',').includes('otlp');
}
