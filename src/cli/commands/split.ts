import type { SplitBody } from '../../admin/traffic-wire.js';
import type { ServiceView } from '../../admin/wire.js';
import { MeshError } from '../../foundation/errors.js';
import { hashKeyExpected, hashKeyPattern } from '../../foundation/names.js';
import type { ConnectOptions } from '../connect.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { renderSplit } from '../render/traffic.js';

export interface SplitOptions extends ConnectOptions {
  /** `cookie:user` */
  readonly by?: string;
  readonly clear?: boolean;
  readonly json?: boolean;
}

/** Without shares it only shows. */
export async function split(context: Context, words: readonly string[], options: SplitOptions): Promise<number> {
  const [name = '', ...shares] = words;
  refuseContradictions(shares, options);
  const { client } = await connect(context.terminal, options);
  let service: ServiceView;
  if (options.clear) service = await client.clearSplit(name);
  else if (shares.length > 0) service = await client.split(name, bodyOf(shares, options));
  else service = await client.service(name);
  if (options.json) context.printDocument({ service: service.name, split: service.traffic.split });
  else context.print(renderSplit(service, context.paint));
  return 0;
}

function refuseContradictions(shares: readonly string[], { by, clear }: SplitOptions): void {
  if (clear && shares.length > 0) {
    throw new MeshError('usage', '`--clear` goes without shares', {
      hint: 'Clear the split, or say another one; not both.',
    });
  }
  if (by !== undefined && shares.length === 0) {
    throw new MeshError('usage', '`--by` goes with shares', { hint: 'Say who gets how much: v1=90 v2=10.' });
  }
  if (by !== undefined && !hashKeyPattern.test(by)) {
    throw new MeshError('usage', `\`${by}\` is nothing of a request that could decide`, {
      hint: `Write ${hashKeyExpected}.`,
    });
  }
}

function bodyOf(shares: readonly string[], { by }: SplitOptions): SplitBody {
  const versions: Record<string, number> = {};
  const percentages = shares.filter((share) => share.endsWith('%'));
  for (const share of shares) {
    const [, version, weight] = /^([^=]+)=(\d+(?:\.\d+)?)%?$/.exec(share) ?? [];
    if (version === undefined || weight === undefined) {
      throw new MeshError('usage', `\`${share}\` is no share of a version`, { hint: 'Write v1=90 v2=10.' });
    }
    if (Object.hasOwn(versions, version)) {
      throw new MeshError('usage', `\`${version}\` has two shares`, { hint: 'Name each version once.' });
    }
    versions[version] = Number(weight);
  }
  const sum = Object.values(versions).reduce((total, weight) => total + weight, 0);
  if (percentages.length > 0 && (percentages.length < shares.length || sum !== 100)) {
    throw new MeshError('usage', `The shares are ${sum}% in all, or not all of them are percentages`, {
      hint: 'Write percentages that sum to 100%, or weights without a percent sign.',
    });
  }
  if (Object.values(versions).every((weight) => weight === 0)) {
    throw new MeshError('usage', 'No version has a share', { hint: 'Give one of them more than 0.' });
  }
  return { versions, ...(by === undefined ? {} : { by }) };
}
