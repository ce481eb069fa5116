"""The public names of `rosenblatt`, each imported when it is first asked for."""

from rosenblatt.challenge.formats import (
    load_challenge as load_challenge,
)
from rosenblatt.classic import (
    SVM as SVM,
)
from rosenblatt.classic import (
    BoostedTreesClassifier as BoostedTreesClassifier,
)
from rosenblatt.classic import (
    BoostedTreesRegressor as BoostedTreesRegressor,
)
from rosenblatt.classic import (
    BudgetPerceptron as BudgetPerceptron,
)
from rosenblatt.classic import (
    FeatureMachineClassifier as FeatureMachineClassifier,
)
from rosenblatt.classic import (
    FeatureMachineRegressor as FeatureMachineRegressor,
)
from rosenblatt.classic import (
    KernelLogisticRegression as KernelLogisticRegression,
)
from rosenblatt.classic import (
    KernelPCA as KernelPCA,
)
from rosenblatt.classic import (
    KernelPerceptron as KernelPerceptron,
)
from rosenblatt.classic import (
    KernelRidge as KernelRidge,
)
from rosenblatt.classic import (
    KernelRidgeRegressor as KernelRidgeRegressor,
)
from rosenblatt.classic import (
    LinearSVM as LinearSVM,
)
from rosenblatt.classic import (
    LogisticRegression as LogisticRegression,
)
from rosenblatt.classic import (
    NaiveBayes as NaiveBayes,
)
from rosenblatt.classic import (
    Nystrom as Nystrom,
)
from rosenblatt.classic import (
    Perceptron as Perceptron,
)
from rosenblatt.classic import (
    RandomForestClassifier as RandomForestClassifier,
)
from rosenblatt.classic import (
    RandomForestRegressor as RandomForestRegressor,
)
from rosenblatt.classic import (
    RandomFourier as RandomFourier,
)
from rosenblatt.classic import (
    RidgeRegressor as RidgeRegressor,
)
from rosenblatt.classic import (
    Standardisation as Standardisation,
)
from rosenblatt.classic import (
    VirtualSVM as VirtualSVM,
)
from rosenblatt.errors import (
    UserError as UserError,
)
from rosenblatt.layers import (
    ELU as ELU,
)
from rosenblatt.layers import (
    GELU as GELU,
)
from rosenblatt.layers import (
    GRU as GRU,
)
from rosenblatt.layers import (
    LSTM as LSTM,
)
from rosenblatt.layers import (
    Add as Add,
)
from rosenblatt.layers import (
    Attention as Attention,
)
from rosenblatt.layers import (
    AveragePooling as AveragePooling,
)
from rosenblatt.layers import (
    AveragePooling1D as AveragePooling1D,
)
from rosenblatt.layers import (
    BatchNormalisation as BatchNormalisation,
)
from rosenblatt.layers import (
    Bidirectional as Bidirectional,
)
from rosenblatt.layers import (
    Channels as Channels,
)
from rosenblatt.layers import (
    Columns as Columns,
)
from rosenblatt.layers import (
    Concat as Concat,
)
from rosenblatt.layers import (
    Concatenate as Concatenate,
)
from rosenblatt.layers import (
    Convolution as Convolution,
)
from rosenblatt.layers import (
    Convolution1D as Convolution1D,
)
from rosenblatt.layers import (
    Dense as Dense,
)
from rosenblatt.layers import (
    DotProductAttention as DotProductAttention,
)
from rosenblatt.layers import (
    Dropout as Dropout,
)
from rosenblatt.layers import (
    Elman as Elman,
)
from rosenblatt.layers import (
    Embedding as Embedding,
)
from rosenblatt.layers import (
    Flatten as Flatten,
)
from rosenblatt.layers import (
    GlobalAverage as GlobalAverage,
)
from rosenblatt.layers import (
    GlobalAverage1D as GlobalAverage1D,
)
from rosenblatt.layers import (
    GridRecurrent as GridRecurrent,
)
from rosenblatt.layers import (
    GroupNormalisation as GroupNormalisation,
)
from rosenblatt.layers import (
    HardSigmoid as HardSigmoid,
)
from rosenblatt.layers import (
    JoinSteps as JoinSteps,
)
from rosenblatt.layers import (
    Layer as Layer,
)
from rosenblatt.layers import (
    LayerNormalisation as LayerNormalisation,
)
from rosenblatt.layers import (
    LeakyReLU as LeakyReLU,
)
from rosenblatt.layers import (
    LocalResponseNormalisation as LocalResponseNormalisation,
)
from rosenblatt.layers import (
    Maxout as Maxout,
)
from rosenblatt.layers import (
    MaxPooling as MaxPooling,
)
from rosenblatt.layers import (
    MaxPooling1D as MaxPooling1D,
)
from rosenblatt.layers import (
    Module as Module,
)
from rosenblatt.layers import (
    MultiHeadAttention as MultiHeadAttention,
)
from rosenblatt.layers import (
    OutputFeedback as OutputFeedback,
)
from rosenblatt.layers import (
    Periodic as Periodic,
)
from rosenblatt.layers import (
    PReLU as PReLU,
)
from rosenblatt.layers import (
    PyramidPooling as PyramidPooling,
)
from rosenblatt.layers import (
    RegionPooling as RegionPooling,
)
from rosenblatt.layers import (
    ReLU as ReLU,
)
from rosenblatt.layers import (
    RepeatSteps as RepeatSteps,
)
from rosenblatt.layers import (
    Residual as Residual,
)
from rosenblatt.layers import (
    RMSNormalisation as RMSNormalisation,
)
from rosenblatt.layers import (
    Scale as Scale,
)
from rosenblatt.layers import (
    Sequential as Sequential,
)
from rosenblatt.layers import (
    Sigmoid as Sigmoid,
)
from rosenblatt.layers import (
    SiLU as SiLU,
)
from rosenblatt.layers import (
    Softplus as Softplus,
)
from rosenblatt.layers import (
    Stack as Stack,
)
from rosenblatt.layers import (
    Tanh as Tanh,
)
from rosenblatt.layers import (
    TransposedConvolution as TransposedConvolution,
)
from rosenblatt.layers import (
    Unpooling as Unpooling,
)
from rosenblatt.layers import (
    UpSampling as UpSampling,
)
from rosenblatt.layers import (
    from_description as from_description,
)
from rosenblatt.metrics import (
    METRICS as METRICS,
)
from rosenblatt.metrics import (
    Metric as Metric,
)
from rosenblatt.metrics import (
    confusion_matrix as confusion_matrix,
)
from rosenblatt.metrics import (
    find_metric as find_metric,
)
from rosenblatt.pipeline.model import (
    load as load,
)
from rosenblatt.train import (
    SGD as SGD,
)
from rosenblatt.train import (
    Adam as Adam,
)
from rosenblatt.train import (
    Callback as Callback,
)
from rosenblatt.train import (
    Checkpoint as Checkpoint,
)
from rosenblatt.train import (
    Constant as Constant,
)
from rosenblatt.train import (
    Cosine as Cosine,
)
from rosenblatt.train import (
    CSVLog as CSVLog,
)
from rosenblatt.train import (
    Cycles as Cycles,
)
from rosenblatt.train import (
    Exponential as Exponential,
)
from rosenblatt.train import (
    Mixup as Mixup,
)
from rosenblatt.train import (
    Network as Network,
)
from rosenblatt.train import (
    OneCycle as OneCycle,
)
from rosenblatt.train import (
    Optimiser as Optimiser,
)
from rosenblatt.train import (
    Plan as Plan,
)
from rosenblatt.train import (
    Progress as Progress,
)
from rosenblatt.train import (
    ReduceOnPlateau as ReduceOnPlateau,
)
from rosenblatt.train import (
    Schedule as Schedule,
)
from rosenblatt.train import (
    Snapshots as Snapshots,
)
from rosenblatt.train import (
    State as State,
)
from rosenblatt.train import (
    Step as Step,
)
from rosenblatt.train import (
    Stochastic as Stochastic,
)
from rosenblatt.train import (
    WarmUp as WarmUp,
)
from rosenblatt.train import (
    accuracy as accuracy,
)
from rosenblatt.train import (
    cross_entropy as cross_entropy,
)
from rosenblatt.train import (
    mean_squared_error as mean_squared_error,
)
from rosenblatt.train import (
    target_weights as target_weights,
)

__version__: str
