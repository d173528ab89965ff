import type { NotifyConfig } from '../../config/alert-configs.js';
import { maskCredentials } from '../../config/credentials.js';
import { isLoopback } from '../../foundation/address.js';
import type { Clock } from '../../foundation/clock.js';
import { messageOf } from '../../foundation/errors.js';
import { shorten } from '../../foundation/text.js';
import type { Alert, AlertChange } from './alert.js';
import { alertmanagerMessage, summaryOf, timeText } from './alertmanager.js';
import type { CourierNumbers, Delivery, Receiver } from './courier.js';
import { Courier } from './courier.js';
import type { Notice } from './notice.js';
import { noticeOf } from './notice.js';
import { post } from './post.js';

/** A command that tells somebody of an alert. */
export interface AlertCommand {
  /** Run by the shell. */
  readonly command: string;
  readonly directory: string;
  /** Beside what the mesh itself has. */
  readonly variables: Readonly<Record<string, string>>;
  /** For its standard input. */
  readonly input: string;
  readonly alert: Alert;
}

export type CommandEnd =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string };

export interface NotifierRooms {
  readonly clock: Clock;
  readonly warn: (message: string) => void;
  /** Where the admin API is. */
  readonly adminUrl: () => string;
  /** Runs it to its end, or to that of the signal. @throws why it could not be run */
  readonly run: (command: AlertCommand, signal: AbortSignal) => Promise<CommandEnd>;
}

/** Milliseconds. A person who is to be told has time; the mesh, which waits for others behind, has less. */
const timeLimits = { webhook: 5_000, command: 30_000 };

/** Tells receivers of alerts that fire and that fire no more. Each has a queue of its own; nobody waits for any of them. */
export class Notifier {
  readonly #rooms: NotifierRooms;
  readonly #couriers = new Map<string, Courier>();

  constructor(rooms: NotifierRooms) {
    this.#rooms = rooms;
  }

  tell(change: AlertChange): void {
    const notice = noticeOf(change);
    if (notice === undefined) return;
    for (const notify of change.alert.config.notify) this.#courierOf(notify)?.send(notice);
  }

  /** Of the receivers of these alerts, each once. */
  numbers(alerts: readonly Alert[]): CourierNumbers[] {
    const couriers = alerts.flatMap(({ config }) => config.notify.map((notify) => this.#courierOf(notify)));
    return [...new Set(couriers)].flatMap((courier) => courier?.numbers ?? []);
  }

  /** Resolves when nothing is under way any more; receivers that take long are not waited for. */
  async close(): Promise<void> {
    await Promise.all([...this.#couriers.values()].map((courier) => courier.close()));
  }

  /** undefined for the terminal: that reads the events of the mesh. */
  #courierOf(notify: NotifyConfig): Courier | undefined {
    const key = JSON.stringify(notify);
    const known = this.#couriers.get(key);
    if (known !== undefined || notify.kind === 'terminal') return known;
    const receiver = notify.kind === 'webhook' ? this.#webhook(notify) : this.#command(notify);
    const courier = new Courier(receiver, this.#rooms);
    this.#couriers.set(key, courier);
    return courier;
  }

  #webhook({ url }: Extract<NotifyConfig, { kind: 'webhook' }>): Receiver {
    return {
      name: `webhook ${addressInWords(url)}`,
      timeLimit: timeLimits.webhook,
      deliver: (notice, signal) => post(url, this.#message(notice, 'webhook'), signal),
    };
  }

  #command({ command, directory }: Extract<NotifyConfig, { kind: 'command' }>): Receiver {
    return {
      name: `command \`${shorten(maskCredentials(command))}\``,
      timeLimit: timeLimits.command,
      deliver: async (notice, signal) => {
        const input = this.#message(notice, 'command');
        const { alert } = notice;
        const end = await this.#rooms.run({ command, directory, variables: variablesOf(notice), input, alert }, signal);
        return deliveryOf(end, signal);
      },
    };
  }

  #message(notice: Notice, receiver: string): string {
    return `${JSON.stringify(alertmanagerMessage(notice, receiver, this.#rooms.adminUrl()))}\n`;
  }
}

/**
 * A password and a query are not for others to read; nor is the path, where it leads away from this machine, for many have
 * their secret there (Slack, Discord, Telegram).
 */
function addressInWords(url: string): string {
  const { origin, hostname, pathname } = new URL(url);
  return origin + (isLoopback(hostname.replace(/^\[|\]$/g, '')) ? pathname : '/…');
}

function variablesOf({ alert, status, startsAt }: Notice): Record<string, string> {
  const { name, when, labels } = alert.config;
  return {
    MESH_ALERT_NAME: name,
    MESH_ALERT_STATE: status,
    MESH_ALERT_SERVICE: alert.service,
    MESH_ALERT_VALUE: alert.value === undefined ? '' : String(alert.value),
    MESH_ALERT_CONDITION: when.text,
    MESH_ALERT_SUMMARY: summaryOf(alert),
    MESH_ALERT_STARTS_AT: timeText(startsAt),
    ...Object.fromEntries(Object.entries(labels).map(([label, value]) => [variableOf(label), value])),
  };
}

/** `severity` → `MESH_ALERT_LABEL_SEVERITY` */
function variableOf(label: string): string {
  return `MESH_ALERT_LABEL_${label.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}

/** What a command has done once may not be harmless twice. */
function deliveryOf(end: CommandEnd, signal: AbortSignal): Delivery {
  if (end.kind === 'code' && end.code === 0) return { kind: 'delivered' };
  const how = end.kind === 'code' ? `it ended with code ${end.code}` : `it was ended by ${end.signal}`;
  return { kind: 'failed', reason: signal.aborted ? messageOf(signal.reason) : how, mayHelpToRepeat: false };
}
