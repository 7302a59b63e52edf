/** Owns the start of the Playground webview: connects the model to the host and draws it. Nothing else runs on import. */
import { render } from 'preact';
import { Peer } from '../../extension/rpc/peer';
import { systemClock } from '../../extension/util/clock';
import { createHostChannel } from '../platform/hostChannel';
import { SavedState } from '../platform/savedState';
import { vsCodeApi } from '../platform/vscodeApi';
import { App } from './App';
import { connectPlaygroundHost } from './model/playgroundHost';
import { PlaygroundModel } from './model/playgroundModel';
import { parseViewState, VIEW_STATE_VERSION } from './model/viewState';
import './playground.css';

const api = vsCodeApi();
const peer = new Peer(createHostChannel(api));
const model = new PlaygroundModel(connectPlaygroundHost(peer), systemClock, new SavedState(api, VIEW_STATE_VERSION, parseViewState));
model.start();
const root = document.getElementById('root');
if (root) render(<App model={model} />, root);
