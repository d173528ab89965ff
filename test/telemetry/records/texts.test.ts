import { expect, test } from 'vitest';
import { Texts } from '../../../src/telemetry/records/texts.js';

test('whatever texts come, and however many, each comes back as it was', () => {
  const texts = new Texts();
  for (let n = 0; n < 5_000; n++) {
    expect(texts.one(`/orders/${n}`)).toBe(`/orders/${n}`);
    expect(texts.one('/')).toBe('/');
  }
});
