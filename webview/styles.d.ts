/** esbuild puts these into the view's stylesheet. */
declare module '*.css';
