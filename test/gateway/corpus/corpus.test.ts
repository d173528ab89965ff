import { describe, expect, test } from 'vitest';
import { ways } from './recorder.js';
import { requestCases } from './requests.js';
import { responseCases } from './responses.js';
import { runRequest } from './run-request.js';
import { runResponse } from './run-response.js';

describe.each(ways)('a request %s', (way) => {
  for (const each of requestCases)
    test(`${each.name} → ${[each.answer].flat().join(' or ')}`, () => runRequest(each, way));
});

describe.each(ways)('an answer %s', (way) => {
  for (const each of responseCases) {
    const { expect: expected } = each;
    const outcome =
      typeof expected === 'object' && 'status' in expected ? expected.status : [expected].flat().join(' or ');
    test(`${each.name} → ${outcome}`, () => runResponse(each, way));
  }
});

test('every case has a name of its own', () => {
  for (const names of [requestCases.map(({ name }) => name), responseCases.map(({ name }) => name)])
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});
