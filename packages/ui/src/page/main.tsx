/** Starts the page in the element that the server's HTML holds for it. */
import { render } from 'preact';

import { App } from './app.tsx';

const place = document.querySelector('#app')!;
place.replaceChildren();
render(<App />, place);
