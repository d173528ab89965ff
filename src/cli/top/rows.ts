import type { EdgeView } from '../../admin/graph-wire.js';
import type { OverviewServiceView, OverviewView } from '../../admin/overview-wire.js';
import { serviceState } from '../render/state.js';
import type { Sort } from './sort.js';
import { sorted } from './sort.js';

/** A line of the table: a service, or, below one that is expanded, one of its parts. */
export type Row =
  | { readonly kind: 'service'; readonly key: string; readonly service: OverviewServiceView; readonly isOpen: boolean }
  | {
      readonly kind: 'instance';
      readonly key: string;
      readonly service: OverviewServiceView;
      readonly instance: OverviewServiceView['instances'][number];
    }
  /** One that is no instance: of a worker, or not up. */
  | {
      readonly kind: 'process';
      readonly key: string;
      readonly service: OverviewServiceView;
      readonly process: OverviewServiceView['processes'][number];
    }
  | {
      readonly kind: 'edge';
      readonly key: string;
      readonly service: OverviewServiceView;
      readonly edge: EdgeView;
      /** in: the other one calls this service. */
      readonly direction: 'in' | 'out';
    };

export interface RowChoice {
  readonly view: OverviewView;
  /** Undefined: that of the mesh. */
  readonly sort: Sort | undefined;
  readonly filter: string;
  readonly errorsOnly: boolean;
  readonly expanded: ReadonlySet<string>;
}

export function rowsOf({ view, sort, filter, errorsOnly, expanded }: RowChoice): Row[] {
  const wanted = filter.toLowerCase();
  const services = view.services.filter(
    (service) => service.name.toLowerCase().includes(wanted) && (!errorsOnly || isInTrouble(service)),
  );
  const ordered = sort === undefined ? services : sorted(services, sort);
  return ordered.flatMap((service): Row[] => {
    const isOpen = expanded.has(service.name);
    const row: Row = { kind: 'service', key: service.name, service, isOpen };
    return isOpen ? [row, ...partsOf(service, view)] : [row];
  });
}

/** Requests fail, or the service is not well. */
function isInTrouble(service: OverviewServiceView): boolean {
  return service.metrics.errorRate > 0 || serviceState(service).tone === 'bad';
}

function partsOf(service: OverviewServiceView, { services }: OverviewView): Row[] {
  const { name, instances, processes, callers } = service;
  const ids = new Set(instances.map(({ id }) => id));
  const calls = services.flatMap((called) => called.callers.filter(({ caller }) => caller === name));
  return [
    ...instances.map(
      (instance): Row => ({ kind: 'instance', key: `${name} instance ${instance.id}`, service, instance }),
    ),
    ...processes
      .filter(({ replica }) => !ids.has(replica))
      .map((process): Row => ({ kind: 'process', key: `${name} process ${process.replica}`, service, process })),
    ...callers.map(
      (edge): Row => ({ kind: 'edge', key: `${name} from ${edge.caller}`, service, edge, direction: 'in' }),
    ),
    ...calls.map((edge): Row => ({ kind: 'edge', key: `${name} to ${edge.service}`, service, edge, direction: 'out' })),
  ];
}
