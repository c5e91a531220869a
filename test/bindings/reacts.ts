/** The Reacts that the binding is for, each with the binding on top of it. */
import * as react19 from 'react';
import * as react18 from 'react-18';
import * as dom18 from 'react-dom-18';
import * as client18 from 'react-dom-18/client';
import * as server18 from 'react-dom-18/server';
import * as dom19 from 'react-dom';
import * as client19 from 'react-dom/client';
import * as server19 from 'react-dom/server';
import * as binding19 from '../../src/bindings/react.ts';
import * as binding18 from '../../src/bindings/react.ts?react=18';

export const reacts = [
  { ...react19, ...dom19, ...client19, ...server19, ...binding19 },
  { ...react18, ...dom18, ...client18, ...server18, ...binding18 },
] as const;

export type UnderTest = (typeof reacts)[number];
