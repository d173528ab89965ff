import { largeSize, paths, smallBody, uploadSize } from '../lib/contract.mjs';
import { http } from './http.mjs';
import { websocket } from './websocket.mjs';

const get = { path: paths.small, answers: { bytes: smallBody.length } };
const post = { path: paths.upload, method: 'POST', size: uploadSize, answers: { bytes: smallBody.length } };

/** What is measured, by the names of the command line. Each carries its own upstream, check and load. */
export const scenarios = {
  'get-1': http({ ...get, title: 'GET, 50 bytes, 1 connection', connections: 1 }),
  'get-64': http({ ...get, title: 'GET, 50 bytes, 64 connections', connections: 64 }),
  'get-512': http({ ...get, title: 'GET, 50 bytes, 512 connections', connections: 512 }),
  'post-10k': http({ ...post, title: 'POST of 10 KiB, 64 connections', connections: 64 }),
  'get-1m': http({
    path: paths.large,
    answers: { bytes: largeSize },
    title: 'GET, 1 MB, 16 connections',
    connections: 16,
    showsThroughput: true,
  }),
  connect: http({
    ...get,
    title: 'GET, 50 bytes, a connection for each request, 16 at a time',
    connections: 16,
    closing: true,
  }),
  websocket,
};
