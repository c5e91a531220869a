declare module 'react-18' {
  import React = require('react');
  export = React;
}

declare module 'react-dom-18' {
  export * from 'react-dom';
}

declare module 'react-dom-18/client' {
  export * from 'react-dom/client';
}

declare module 'react-dom-18/server' {
  export * from 'react-dom/server';
}

declare module '*/react.ts?react=18' {
  export * from 'holdfast/react';
}
