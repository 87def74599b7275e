"""Stand-in."""
import math
from dataclasses import dataclass
import numpy as np
from scipy.special import stdtrit, stdtr
@dataclass(frozen=True, slots=True)
class Interval:
    mean: float; low: float; high: float; n: int; method: str
@dataclass(frozen=True, slots=True)
class PairedDifference:
    mean: float; low: float; high: float; p_value: float; n: int; spread: float; relative: float
@dataclass(frozen=True, slots=True)
class Truncation:
    kept_from: int; reached_limit: bool
def _half(values, conf):
    n=len(values); s=np.std(values, ddof=1); return float(stdtrit(n-1, conf))*s/math.sqrt(n)
def upper_bound(values, confidence=0.95):
    return float(np.mean(values))+_half(values, confidence) if len(values)>1 else math.nan
def lower_bound(values, confidence=0.95):
    return float(np.mean(values))-_half(values, confidence) if len(values)>1 else math.nan
def simultaneous_t_interval(values, comparisons, confidence=0.95):
    m=float(np.mean(values)); h=_half(values, 1-(1-confidence)/2/comparisons); return Interval(m,m-h,m+h,len(values),"t")
def paired_difference(a,b,confidence=0.95):
    d=np.array(b)-np.array(a); n=len(d); m=float(d.mean()); s=float(d.std(ddof=1)); h=_half(d,1-(1-confidence)/2)
    p=1.0 if s==0 and m==0 else 0.0 if s==0 else 2*float(stdtr(n-1,-abs(m/s*math.sqrt(n))))
    return PairedDifference(m,m-h,m+h,p,n,s,m/abs(np.mean(a)) if np.mean(a) else math.nan)
def holm(p):
    p=np.asarray(p,float); out=np.full(len(p),np.nan); ok=np.flatnonzero(~np.isnan(p)); o=ok[np.argsort(p[ok])]; run=0.0
    for i,k in enumerate(o):
        run=max(run,min(1.0,(len(o)-i)*p[k])); out[k]=run
    return out
def replications_for(spread, detect, confidence=0.95, power=0.8):
    return max(2, math.ceil((2.8*spread/detect)**2)+2)
