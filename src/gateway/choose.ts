import type { Policy } from '../balancing/policy.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Layer, Next } from '../exchange/layer.js';
import { MeshError, toMeshError } from '../foundation/errors.js';
import type { Instance } from '../registry/instance.js';
import type { Registry } from '../registry/registry.js';
import type { Service } from '../registry/service.js';

/**
 * Gives the exchange one of the service's instances that may be given requests. When that one does not accept the connection,
 * nothing has been sent: another takes its place, each at most once.
 *
 * @throws no_healthy_instance, or what the last of them failed with
 */
export function choose(registry: Registry, policyOf: (service: string) => Policy): Layer {
  const tryOne = (exchange: Exchange, next: Next, tried: readonly Instance[], failure?: MeshError): Promise<void> => {
    const name = exchange.service ?? '';
    const service = registry.service(name);
    const routable = service?.routable ?? [];
    // Nearly always the first one takes it: then nothing is copied.
    const candidates = tried.length === 0 ? routable : routable.filter((instance) => !tried.includes(instance));
    const chosen = policyOf(name).pick(candidates, exchange);
    if (chosen === undefined) throw failure ?? noneOf(name, service);
    exchange.instance = chosen;
    return next().catch((thrown: unknown) => {
      const error = toMeshError(thrown);
      if (!isUnsent(error)) throw error;
      return tryOne(exchange, next, [...tried, chosen], error);
    });
  };
  return (exchange, next) => tryOne(exchange, next, []);
}

function isUnsent({ code }: MeshError): boolean {
  return code === 'connect_failed' || code === 'connect_timeout';
}

function noneOf(name: string, service: Service | undefined): MeshError {
  const instances = service?.instances ?? [];
  if (instances.length === 0) {
    return new MeshError('no_healthy_instance', `\`${name}\` has no instance`, {
      hint: `Start one, or name one that runs already: \`mesh register ${name} HOST:PORT\`.`,
    });
  }
  const counts = new Map<string, number>();
  for (const { health, weight } of instances) {
    const state = weight === 0 ? `${health} with weight 0` : health;
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const states = [...counts].map(([state, count]) => `${count} ${state}`);
  return new MeshError('no_healthy_instance', `\`${name}\` has no healthy instance: ${states.join(', ')}`, {
    hint: `Look at \`mesh inspect ${name}\` for what its health checks say.`,
  });
}
