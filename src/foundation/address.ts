import { isIPv4, isIPv6 } from "node:net";

/** Where a program listens. The host is a name or an IP address, without the brackets of IPv6. */
export interface Address {
	readonly host: string;
	/** 1–65535. */
	readonly port: number;
}

/** `host:port`, `[::1]:port` → an address; undefined for anything else. A missing port is `defaultPort`, where one is given. */
export function parseAddress(
	text: string,
	defaultPort?: number,
): Address | undefined {
	const match =
		/^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?))(?::(\d{1,5}))?$/.exec(
			text,
		);
	if (match === null) return undefined;
	const host = match[1] ?? match[2] ?? "";
	const port = match[3] === undefined ? defaultPort : Number(match[3]);
	if (port === undefined || port < 1 || port > 65_535) return undefined;
	return isHost(host) ? { host, port } : undefined;
}

/** A host that ends in a number must be an IPv4 address in full: `0` and `2130706433` are other ways to write one (CWE-918). */
function isHost(host: string): boolean {
	if (host.includes(":")) return isIPv6(host);
	const lastLabel = host.slice(host.lastIndexOf(".") + 1);
	return /^(?:\d+|0x[0-9a-f]*)$/i.test(lastLabel) ? isIPv4(host) : true;
}

export function formatAddress(address: Address): string {
	return address.host.includes(":")
		? `[${address.host}]:${address.port}`
		: `${address.host}:${address.port}`;
}
