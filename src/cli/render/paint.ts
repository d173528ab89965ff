import type { ChalkInstance } from 'chalk';
import { Chalk } from 'chalk';
import type { ColorLevel } from '../color.js';

/** Colours as far as the reader can see them. A renderer is handed one and never asks the process. */
export type Paint = ChalkInstance;

export function createPaint(level: ColorLevel): Paint {
  return new Chalk({ level });
}

/** How a thing fares, in one colour; the word beside it says the same, for colour alone tells not everybody. */
export type Tone = 'good' | 'busy' | 'bad' | 'quiet';

export function tint(paint: Paint, tone: Tone, text: string): string {
  switch (tone) {
    case 'good':
      return paint.green(text);
    case 'busy':
      return paint.yellow(text);
    case 'bad':
      return paint.red(text);
    case 'quiet':
      return paint.dim(text);
  }
}
