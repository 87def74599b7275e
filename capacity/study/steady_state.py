from capacity.study.statistics import Truncation
def mser5(values, batch=5): return Truncation(0, False)
