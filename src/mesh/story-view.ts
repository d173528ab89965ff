import type { ChoiceView, CircuitMetView, ExchangeStory } from '../admin/exchanges-wire.js';
import { hashKeyInWords } from '../config/hash-key.js';
import type { Choice, Comparison, Grounds } from '../exchange/choice.js';
import type { CircuitMet } from '../exchange/circuit-met.js';
import type { ExchangeRecord } from '../telemetry/records/record.js';
import { round, viewExchange } from './exchanges-view.js';

/** All that is known of one exchange. */
export function viewStory(record: ExchangeRecord): ExchangeStory {
  const { foundBy, versionBy, attempts, passedOver } = record;
  const view = viewExchange(record);
  return {
    ...view,
    foundBy: foundBy?.kind ?? null,
    conditions: foundBy?.kind === 'route' ? [...foundBy.conditions] : [],
    versionBy: versionBy ?? null,
    attempts: view.attempts.map((attempt, at) => {
      const { choice, circuit } = attempts[at] ?? {};
      return {
        ...attempt,
        choice: choice === undefined ? null : viewChoice(choice, attempt.instance, record),
        circuit: circuit === undefined ? null : viewCircuitMet(circuit),
      };
    }),
    choice: viewFruitless(record),
    passedOver: passedOver.map(({ instance, attempts, circuit }) => {
      return { instance: instance?.id ?? null, attempts, circuit: viewCircuitMet(circuit) };
    }),
  };
}

/** The last choice, where no attempt came of it, and that is not because of a circuit breaker. */
function viewFruitless(record: ExchangeRecord): ChoiceView | null {
  const { choice, attempts, passedOver } = record;
  if (choice === undefined || choice === attempts.at(-1)?.choice) return null;
  if (passedOver.length > 0 && remainingOf(choice) > 0) return null;
  return viewChoice(choice, undefined, record);
}

function viewChoice(choice: Choice, chosen: string | undefined, { passedOver }: ExchangeRecord): ChoiceView {
  const { lineup, grounds, avoided } = choice;
  const refused = new Map(passedOver.map(({ instance, circuit }) => [instance, circuit]));
  const inSpiteOf = lineup.unwell?.find(({ instance }) => instance === chosen);
  return {
    candidates: remainingOf(choice),
    leftOut: [
      ...lineup.leftOut.map(({ instance, because, detail }) => ({ instance, because, detail: detail ?? null })),
      ...avoided.map((instance) => {
        const because = refused.has(instance) ? ('circuit-open' as const) : ('tried' as const);
        return { instance: instance.id, because, detail: null };
      }),
    ],
    moreLeftOut: lineup.moreLeftOut,
    panicking: lineup.unwell !== undefined,
    inSpiteOf: inSpiteOf === undefined ? null : [inSpiteOf.because, inSpiteOf.detail].filter(Boolean).join(': '),
    ...viewGrounds(grounds, remainingOf(choice), chosen),
  };
}

/** Where one alone is left, nothing decides, whatever the policy. */
function viewGrounds(
  grounds: Grounds,
  candidates: number,
  chosen: string | undefined,
): Pick<ChoiceView, 'by' | 'scores' | 'hash'> {
  if (candidates === 0) return { by: null, scores: [], hash: null };
  if (candidates === 1 && grounds.kind !== 'sticky') return { by: 'only', scores: [], hash: null };
  switch (grounds.kind) {
    case 'requests':
    case 'latency':
      return { by: grounds.kind, scores: scoresOf(grounds, chosen), hash: null };
    case 'hash':
      return {
        by: 'hash',
        scores: [],
        hash: { key: hashKeyInWords(grounds.on), position: grounds.position ?? null },
      };
    default:
      return { by: grounds.kind, scores: [], hash: null };
  }
}

/** Of one that was drawn more than once, the first. */
function scoresOf({ score, rival, rivalScore, others }: Comparison, chosen: string | undefined): ChoiceView['scores'] {
  const drawn = [
    ...(chosen === undefined ? [] : [{ instance: chosen, score }]),
    ...(rival === undefined ? [] : [{ instance: rival.id, score: rivalScore }]),
    ...others.map(({ instance, score }) => ({ instance: instance.id, score })),
  ];
  return drawn
    .filter(({ instance }, at) => drawn.findIndex((each) => each.instance === instance) === at)
    .map(({ instance, score }) => ({ instance, score: round(score) }));
}

function viewCircuitMet(met: CircuitMet): CircuitMetView {
  switch (met.kind) {
    case 'closed':
      return { state: 'closed', failures: met.failures, requests: met.requests };
    case 'half-open':
      return { state: 'half-open', underWay: met.underWay, succeeded: met.succeeded };
    case 'open':
      return { state: 'open', remaining: round(met.remaining), because: met.because };
  }
}

function remainingOf({ lineup, avoided }: Choice): number {
  return lineup.candidates - avoided.length;
}
