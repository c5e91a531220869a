/** Draws the last minute and what is next: tokens, requests and outages on one axis of time. */
import { chronicle, type Generation, type Stretch } from './chronicle.ts';
import { part } from '../shared/page.ts';
import { accessTokenLife } from '../shared/settings.ts';

const PAST = 60_000;
const AHEAD = accessTokenLife * 1000;
const GUTTER = 66;
const BAR = 22;
/** Where each lane begins, or its middle where it is a line, in CSS pixels from the top. */
const LANE = { tokens: 8, requests: 80, server: 108, axis: 140 };

interface Ink {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly strong: string;
  readonly accent: string;
  readonly soft: string;
  readonly amber: string;
  readonly red: string;
  readonly font: string;
}

function readInk(canvas: HTMLElement): Ink {
  const style = getComputedStyle(canvas);
  const ink = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    text: ink('ink'),
    muted: ink('muted'),
    line: ink('line'),
    strong: ink('line-strong'),
    accent: ink('accent'),
    soft: ink('accent-soft'),
    amber: ink('amber'),
    red: ink('red'),
    font: style.fontFamily,
  };
}

/** Fits the bitmap to the element and the screen, and wipes it. Returns the width in CSS pixels. */
function prepare(canvas: HTMLCanvasElement, pen: CanvasRenderingContext2D): number {
  const { clientHeight, clientWidth } = canvas;
  const [width, height] = [Math.round(clientWidth * devicePixelRatio), Math.round(clientHeight * devicePixelRatio)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  pen.clearRect(0, 0, clientWidth, clientHeight);
  return clientWidth;
}

/** Draws the trace as it is at this moment. */
export function drawTrace(now: number): void {
  const canvas = part('trace');
  const pen = canvas instanceof HTMLCanvasElement ? canvas.getContext('2d') : null;
  if (pen === null || canvas.clientWidth === 0) return;
  const width = prepare(pen.canvas, pen);
  const ink = readInk(canvas);
  const x = (at: number): number => GUTTER + Math.max(0, ((at - now + PAST) / (PAST + AHEAD)) * (width - GUTTER));

  const fill = (color: string, from: number, to: number, top: number, height: number): void => {
    pen.fillStyle = color;
    pen.fillRect(x(from), top, Math.max(0, x(to) - x(from)), height);
  };
  const label = (text: string, at: number, top: number, color: string, align: CanvasTextAlign, weight = 400): void => {
    pen.font = `${weight} 11px ${ink.font}`;
    pen.textAlign = align;
    pen.fillStyle = color;
    pen.fillText(text, at, top);
  };

  const axis = (): void => {
    label('Tokens', 0, LANE.tokens + BAR + 6, ink.muted, 'left');
    label('Requests', 0, LANE.requests + 4, ink.muted, 'left');
    label('Server', 0, LANE.server + 4, ink.muted, 'left');
    const step = width < 480 ? 30_000 : 15_000;
    for (let back = PAST - (PAST % step || step); back > 0; back -= step) {
      const at = Math.round(x(now - back));
      pen.fillStyle = ink.line;
      pen.fillRect(at, 2, 1, LANE.axis - 16);
      label(`−${back / 1000} s`, at, LANE.axis + 2, ink.muted, 'center');
    }
  };

  const hatch = (from: number, to: number, top: number): void => {
    const [left, right] = [x(from), x(to)];
    if (right <= left) return;
    pen.save();
    pen.beginPath();
    pen.rect(left, top, right - left, BAR);
    pen.clip();
    pen.strokeStyle = ink.strong;
    pen.lineWidth = 1;
    pen.beginPath();
    for (let at = left - BAR; at < right; at += 6) {
      pen.moveTo(at, top + BAR);
      pen.lineTo(at + BAR, top);
    }
    pen.stroke();
    pen.restore();
  };

  const token = ({ expiresAt, from, generation, rotateAt, to }: Generation): void => {
    const top = LANE.tokens + (generation % 2) * (BAR + 8);
    const end = to ?? expiresAt;
    if (to !== undefined) hatch(to, expiresAt, top);
    fill(ink.soft, from, end, top, BAR);
    fill(ink.accent, from, Math.min(end, now), top + BAR - 4, 4);
    if (to === undefined && rotateAt !== undefined && rotateAt > now) {
      pen.fillStyle = ink.text;
      pen.fillRect(Math.round(x(rotateAt)), top - 3, 2, BAR + 3);
    }
    if (x(end) - x(from) > 20) label(String(generation), x(from) + 6, top + 13, ink.text, 'left', 600);
  };

  const requests = (): void => {
    for (const { failed, from, to } of chronicle.calls) {
      if ((to ?? now) < now - PAST) continue;
      const color = failed ? ink.red : to === undefined ? ink.amber : ink.text;
      if ((to ?? now) - from > 300) fill(color, from, to ?? now, LANE.requests - 1, 2);
      pen.fillStyle = color;
      pen.globalAlpha = 0.55;
      if (to !== undefined) pen.fillRect(x(to) - 0.75, LANE.requests - 7, 1.5, 14);
      pen.globalAlpha = 1;
    }
  };

  const outage = ({ from, to }: Stretch): void => fill(ink.amber, from, to ?? now, LANE.server - 3, 6);

  axis();
  for (const generation of chronicle.generations) token(generation);
  requests();
  fill(ink.strong, chronicle.generations[0]?.from ?? now, now, LANE.server - 0.5, 1);
  for (const stretch of chronicle.outages) outage(stretch);

  const needle = Math.round(x(now));
  pen.fillStyle = ink.text;
  pen.fillRect(needle - 1, 0, 2, LANE.axis - 12);
  label('now', needle, LANE.axis + 2, ink.text, 'center', 600);
}
