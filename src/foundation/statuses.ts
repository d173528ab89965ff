/** In the words of whoever may write them. */
export const statusesExpected = '503, 5xx, or 4xx,5xx';

/** `503`, `5xx`, `4xx,503` → all that they stand for; undefined for what is no such thing. */
export function parseStatuses(text: string): ReadonlySet<number> | undefined {
  const forms = text.split(',');
  return forms.every((form) => /^[1-5](?:\d\d|xx)$/i.test(form)) ? new Set(forms.flatMap(statusesOf)) : undefined;
}

function statusesOf(form: string): number[] {
  const status = Number(form);
  if (!Number.isNaN(status)) return [status];
  const first = Number(form.charAt(0)) * 100;
  return Array.from({ length: 100 }, (_, at) => first + at);
}
