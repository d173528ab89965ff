/**
 * The units of the mesh file ↔ numbers. Durations are milliseconds, sizes are bytes, rates are per second and
 * shares are 0–1 everywhere inside. A parser answers undefined for what is not in its grammar; its caller names the place.
 */

const durationUnits = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const sizeUnits = {
	B: 1,
	KB: 1_000,
	MB: 1_000_000,
	GB: 1e9,
	KiB: 1_024,
	MiB: 1_048_576,
	GiB: 1_073_741_824,
} as const;

/** `250ms`, `5s`, `1m`, `1h30m` (GEP-2257, and decimals such as `1.5s`) → milliseconds. `0` needs no unit. */
export function parseDuration(text: string): number | undefined {
	if (text === "0") return 0;
	if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined;
	let total = 0;
	for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
		total += Number(amount) * durationUnits[unit as keyof typeof durationUnits];
	}
	return total;
}

/** Milliseconds → the shortest exact form of the grammar above: 90000 → `1m30s`. */
export function formatDuration(milliseconds: number): string {
	if (milliseconds < 1_000) return `${round(milliseconds)}ms`;
	let rest = milliseconds;
	let text = "";
	for (const unit of ["h", "m"] as const) {
		const count = Math.floor(rest / durationUnits[unit]);
		if (count > 0) text += `${count}${unit}`;
		rest -= count * durationUnits[unit];
	}
	return rest > 0 ? `${text}${round(rest / 1_000)}s` : text;
}

/** `64KiB`, `10MB`, `512` → bytes. */
export function parseSize(text: string): number | undefined {
	const match = /^(\d+(?:\.\d+)?)(B|KB|MB|GB|KiB|MiB|GiB)?$/.exec(text);
	if (match === null) return undefined;
	return Math.round(
		Number(match[1]) * sizeUnits[(match[2] ?? "B") as keyof typeof sizeUnits],
	);
}

/** Bytes → people's units: 65536 → `64KiB`. */
export function formatSize(bytes: number): string {
	for (const unit of ["GiB", "MiB", "KiB"] as const) {
		if (bytes >= sizeUnits[unit])
			return `${round(bytes / sizeUnits[unit])}${unit}`;
	}
	return `${bytes}B`;
}

/** `100/s`, `600/m`, `5/h` → per second. */
export function parseRate(text: string): number | undefined {
	const match = /^(\d+(?:\.\d+)?)\/(s|m|h)$/.exec(text);
	if (match === null) return undefined;
	return (
		Number(match[1]) / (durationUnits[match[2] as "s" | "m" | "h"] / 1_000)
	);
}

/** `5%` or `5` → 0.05. Above 100 % is not a share. */
export function parseShare(text: string): number | undefined {
	const match = /^(\d+(?:\.\d+)?)%?$/.exec(text);
	const percent = match === null ? Number.NaN : Number(match[1]);
	return percent <= 100 ? percent / 100 : undefined;
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}
