import type { ChoiceView, CircuitMetView, ExchangeStory } from '../../admin/exchanges-wire.js';
import { printable } from '../../foundation/text.js';
import { latency } from './numbers.js';
import type { Paint } from './paint.js';

/** As many are named of those that were left out. */
const named = 8;

/** Of each attempt, why it went to that instance: who else there was, what decided, and who was not asked. Empty where nobody chose. */
export function renderChoices(story: ExchangeStory, paint: Paint): string {
  const { attempts, passedOver, choice } = story;
  const notAskedAfter = (count: number) =>
    passedOver
      .filter((each) => each.attempts === count)
      .map(({ instance, circuit }): Entry => {
        return { label: 'not asked', lines: [`${instance ?? 'the service'}: its circuit ${circuitInWords(circuit)}`] };
      });
  const entries = [
    ...notAskedAfter(0),
    ...attempts.flatMap(({ instance, choice, circuit }, at): Entry[] => {
      const lines = [
        ...(choice === null ? [] : [`${instance}: ${groundsInWords(choice)}`, ...circumstances(choice)]),
        ...(circuit === null ? [] : [`the circuit ${circuitInWords(circuit)}`]),
      ];
      return [...(lines.length === 0 ? [] : [{ label: `attempt ${at + 1}`, lines }]), ...notAskedAfter(at + 1)];
    }),
    ...(choice === null ? [] : [{ label: 'then', lines: [fruitless(choice), ...circumstances(choice)] }]),
  ];
  return blockOf(entries, paint);
}

interface Entry {
  readonly label: string;
  readonly lines: readonly string[];
}

function blockOf(entries: readonly Entry[], paint: Paint): string {
  const width = Math.max(0, ...entries.map(({ label }) => label.length));
  return entries
    .flatMap(({ label, lines }) =>
      lines.map((line, at) => `  ${paint.dim((at === 0 ? label : '').padEnd(width))}  ${printable(line)}`),
    )
    .join('\n');
}

function groundsInWords(choice: ChoiceView): string {
  const { candidates, by, scores, hash } = choice;
  const of = `of ${candidates} candidate${candidates === 1 ? '' : 's'}`;
  const drawn = (unit: (score: number) => string) =>
    scores.map(({ instance, score }) => `${instance} ${unit(score)}`).join(', ');
  switch (by) {
    case 'only':
      return 'the only candidate';
    case 'sticky':
      return `the client was given it before, ${of}`;
    case 'turn':
      return `its turn, ${of}`;
    case 'chance':
      return `by chance, ${of}`;
    case 'requests':
      return `the fewest requests under way, drawn ${of}: ${drawn((score) => String(Number(score.toFixed(2))))}`;
    case 'latency':
      return `expected to answer first, drawn ${of}: ${drawn(latency)}`;
    case 'hash':
      return hash?.position == null
        ? `by chance, without \`${hash?.key ?? ''}\`, ${of}`
        : `by the hash of \`${hash.key}\`, ${hash.position.toString(16).padStart(8, '0')}, ${of}`;
    case null:
      return 'nobody was left';
  }
}

function fruitless(choice: ChoiceView): string {
  return choice.candidates === 0 ? 'nobody was left to be asked' : `one ${groundsInWords(choice)}; it was not asked`;
}

/** Panic, and who was not among the candidates. */
function circumstances({ panicking, inSpiteOf, leftOut, moreLeftOut }: ChoiceView): string[] {
  const others = leftOut.slice(0, named).map(({ instance, because, detail }) => {
    return `${instance} (${absenceInWords[because]}${detail === null ? '' : ` ${detail}`})`;
  });
  const unnamed = leftOut.length - others.length + moreLeftOut;
  const more = unnamed > 0 ? `, and ${unnamed} more` : '';
  return [
    ...(panicking ? ['panic: so few were healthy that all were candidates'] : []),
    ...(inSpiteOf === null ? [] : [`it was asked although it was ${inSpiteOf}`]),
    ...(others.length === 0 ? [] : [`left out: ${others.join(', ')}${more}`]),
  ];
}

const absenceInWords: Readonly<Record<ChoiceView['leftOut'][number]['because'], string>> = {
  unhealthy: 'unhealthy',
  ejected: 'ejected:',
  draining: 'draining',
  'no-weight': 'weight 0',
  'other-version': 'version',
  tried: 'tried already',
  'circuit-open': 'its circuit is open',
};

function circuitInWords(circuit: CircuitMetView): string {
  switch (circuit.state) {
    case 'closed':
      return `was closed: ${circuit.failures} of ${circuit.requests} requests had failed`;
    case 'half-open':
      return `was half-open: ${circuit.underWay} under way to see, ${circuit.succeeded} had succeeded`;
    case 'open':
      return `was open for another ${latency(circuit.remaining)}: ${circuit.because}`;
  }
}
