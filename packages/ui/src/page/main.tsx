/** Starts the page in the element that the server's HTML holds for it. */
import { render } from 'preact';

import { App } from './app.tsx';

render(<App />, document.querySelector('#app')!);
