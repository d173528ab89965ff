import type { Address } from "../foundation/address.js";
import { formatAddress } from "../foundation/address.js";
import { MeshError } from "../foundation/errors.js";
import type { InstanceSpec } from "./instance.js";
import { idOf } from "./instance.js";

/** What someone says at run time: `orders` runs there. */
export interface Registration {
	readonly id?: string;
	readonly address: Address;
	/** Default 1. */
	readonly weight?: number;
	readonly version?: string;
	readonly metadata?: Readonly<Record<string, string>>;
	/** Milliseconds without a heartbeat until it is removed. Default: it stays until it is deregistered. */
	readonly ttl?: number;
}

/** RFC 1123 label, lower case: it becomes a host name and part of environment variables. */
export const serviceNamePattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
export const instanceIdPattern = /^[A-Za-z0-9._-]{1,64}$/;

/** The registration with its defaults, or the error that names what is wrong with it. */
export function toSpec(
	service: string,
	registration: Registration,
): InstanceSpec {
	if (!serviceNamePattern.test(service)) {
		throw invalid(
			`\`${service}\` is not a service name`,
			"Use a DNS label: a-z, 0-9 and -, at most 63 characters.",
		);
	}
	const { address, weight = 1, version, metadata = {} } = registration;
	const id = registration.id ?? idOf(address);
	if (!instanceIdPattern.test(id)) {
		throw invalid(
			`\`${id}\` is not an instance id`,
			"Use 1 to 64 characters of A-Z, a-z, 0-9, `.`, `_` and `-`.",
		);
	}
	if (isUnsafeTarget(address)) {
		throw new MeshError(
			"forbidden_target",
			`${formatAddress(address)} is not the address of a service`,
			{
				hint: "Unspecified, link-local (cloud metadata) and broadcast addresses are refused.",
			},
		);
	}
	return { id, address, weight, version, metadata };
}

/** `0.0.0.0` and `::` mean every interface, 169.254.169.254 is a cloud's metadata server: no service runs there (CWE-918). */
function isUnsafeTarget({ host }: Address): boolean {
	return /^(?:0\.|169\.254\.|255\.255\.255\.255$|::$|fe80:)/i.test(host);
}

function invalid(message: string, hint: string): MeshError {
	return new MeshError("invalid_registration", message, { hint });
}
