import type { RegistryStore, StoredInstance } from "./store.js";

/**
 * Writes the registrations one write at a time, and many changes in one write: two hundred concurrent registrations
 * cost a handful of fsyncs, and each is durable when its call returns.
 */
export class StoreWriter {
	readonly #store: RegistryStore;
	readonly #collect: () => readonly StoredInstance[];
	#running: Promise<void> | undefined;
	#next: Promise<void> | undefined;

	constructor(store: RegistryStore, collect: () => readonly StoredInstance[]) {
		this.#store = store;
		this.#collect = collect;
	}

	/** Resolves when everything as it is now is durable; rejects when that failed. */
	flush(): Promise<void> {
		if (this.#running === undefined) return this.#write();
		// The write under way may have collected before this change: one more, shared by all who come until it starts.
		this.#next ??= this.#running.catch(() => {}).then(() => this.#write());
		return this.#next;
	}

	/** A write that nobody waits for; the next flush tells of the failure if it lasts. */
	schedule(): void {
		this.flush().catch(() => {});
	}

	async settled(): Promise<void> {
		while (this.#running !== undefined) await this.#running.catch(() => {});
	}

	#write(): Promise<void> {
		this.#next = undefined;
		const running = this.#store.save(this.#collect()).finally(() => {
			if (this.#running === running) this.#running = undefined;
		});
		this.#running = running;
		return running;
	}
}
