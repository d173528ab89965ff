import type { AdminClient } from '../../admin/client.js';
import type { OverviewView } from '../../admin/overview-wire.js';
import { longestSparkline } from '../render/top/fit.js';

/** Milliseconds that an answer may take. A mesh that is stopped (Ctrl-Z) is told to be silent, and not waited for. */
const patience = 3_000;

/** The mesh that is looked at. When it is gone, it is looked for anew: another one may have come, with another port and token. */
export class MeshSource {
  readonly #find: () => Promise<AdminClient>;
  #client: AdminClient;
  #isLost = false;

  /** @param find throws MeshError where none runs */
  constructor(client: AdminClient, find: () => Promise<AdminClient>) {
    this.#client = client;
    this.#find = find;
  }

  get client(): AdminClient {
    return this.#client;
  }

  /** @throws MeshError */
  async look(): Promise<OverviewView> {
    if (this.#isLost) this.#client = await this.#find();
    this.#isLost = true; // until it has answered
    const view = await this.#client.overview(longestSparkline, patience);
    this.#isLost = false;
    return view;
  }
}
